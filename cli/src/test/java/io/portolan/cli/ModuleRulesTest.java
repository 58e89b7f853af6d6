package io.portolan.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The arrows of docs/ARCHITECTURE.md, and the house rules that a compiler does not know. */
final class ModuleRulesTest {
  private static final JavaClasses ALL =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.portolan");

  private static final String LINUX = "io.portolan.linux..";
  private static final String COMMON = "io.portolan.common..";
  private static final String AWS = "io.portolan.aws..";
  private static final String POLICY = "io.portolan.policy..";
  private static final String CALICO = "io.portolan.calico..";
  private static final String NODE = "io.portolan.node..";
  private static final String SIM = "io.portolan.sim..";
  private static final String LAB = "io.portolan.lab..";
  private static final String CLI = "io.portolan.cli..";

  @Test
  void linuxNetKnowsNothingOfOurs() {
    check(
        noClasses()
            .that()
            .resideInAPackage(LINUX)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(COMMON, AWS, POLICY, CALICO, NODE, SIM, LAB, CLI));
  }

  @Test
  void controllerCommonKnowsNothingOfOurs() {
    check(
        noClasses()
            .that()
            .resideInAPackage(COMMON)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(LINUX, AWS, POLICY, CALICO, NODE, SIM, LAB, CLI));
  }

  @Test
  void cloudsSeeNeitherTheNodeNorLinux() {
    check(
        noClasses()
            .that()
            .resideInAPackage(AWS)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(LINUX, POLICY, CALICO, NODE, SIM, LAB, CLI));
  }

  @Test
  void thePolicyAgentRunsAlone() {
    check(
        noClasses()
            .that()
            .resideInAPackage(POLICY)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(AWS, CALICO, NODE, SIM, LAB, CLI));
  }

  @Test
  void calicoIpamKnowsTheVocabularyAndLinuxOnly() {
    check(
        noClasses()
            .that()
            .resideInAPackage(CALICO)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(AWS, POLICY, NODE, SIM, LAB, CLI));
  }

  @Test
  void noCloudRunsOnANode() {
    check(
        noClasses()
            .that()
            .resideInAPackage(NODE)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(AWS, SIM, LAB, CLI));
  }

  @Test
  void simulatorsDependOnTheVocabularyOnly() {
    check(
        noClasses()
            .that()
            .resideInAPackage(SIM)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(LINUX, AWS, POLICY, CALICO, NODE, LAB, CLI));
  }

  @Test
  void purePackagesReachNoLibraryAndNoEffect() {
    for (String pure :
        new String[] {
          "io.portolan.common.cloud..",
          "io.portolan.common.pool..",
          "io.portolan.policy.model..",
          "io.portolan.common.select..",
          "io.portolan.policy.compile..",
          "io.portolan.aws.layout..",
          "io.portolan.calico.bgp",
          "io.portolan.calico.routing",
          "io.portolan.lab.matrix..",
          "io.portolan.sim.policy.."
        }) {
      check(
          noClasses()
              .that()
              .resideInAPackage(pure)
              .should()
              .dependOnClassesThat()
              .resideInAnyPackage(
                  "io.fabric8..",
                  "software.amazon..",
                  "io.github.resilience4j..",
                  "io.micrometer..",
                  "jnr..",
                  "java.net.http..",
                  "java.nio.channels..",
                  "io.portolan.common.kube..",
                  "io.portolan.linux.netlink..",
                  "io.portolan.linux.route.."));
    }
  }

  @Test
  void eachLibraryHasOneOwner() {
    owner("jnr..", "io.portolan.linux.ffi..");
    owner("io.github.resilience4j..", "io.portolan.common.resilience..");
    owner("io.micrometer..", "io.portolan.common.metrics..");
    owner("inet.ipaddr..", "io.portolan.common.net..");
    owner("software.amazon.awssdk..", "io.portolan.aws.ec2..");
    owner(
        "io.fabric8..",
        "io.portolan.common.kube..",
        "io.portolan.common.leader..",
        "io.portolan.common.api..");
    owner("ch.qos.logback..", "io.portolan.common.logging..");
    // The packages of the mains, and what their options share.
    owner(
        "picocli..",
        "io.portolan.common.options..",
        "io.portolan.aws",
        "io.portolan.aws.limits",
        "io.portolan.node",
        "io.portolan.policy",
        "io.portolan.cli..");
  }

  private static void owner(String library, String... owners) {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages(owners)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(library));
  }

  @Test
  void timeAndChanceAreParametersOfPlanners() {
    for (String pure :
        new String[] {
          "io.portolan.common.cloud..",
          "io.portolan.common.pool..",
          "io.portolan.policy.model..",
          "io.portolan.common.select..",
          "io.portolan.policy.compile..",
          "io.portolan.aws.layout..",
          "io.portolan.sim.ec2.model.."
        }) {
      check(noClasses().that().resideInAPackage(pure).should().callMethod(Instant.class, "now"));
      check(
          noClasses().that().resideInAPackage(pure).should().callMethod(System.class, "nanoTime"));
      check(
          noClasses()
              .that()
              .resideInAPackage(pure)
              .should()
              .callMethod(System.class, "currentTimeMillis"));
      check(
          noClasses()
              .that()
              .resideInAPackage(pure)
              .should()
              .callMethod(Thread.class, "sleep", long.class));
      check(noClasses().that().resideInAPackage(pure).should().callConstructor(Random.class));
    }
  }

  @Test
  void packagesHaveNoCycles() {
    check(slices().matching("io.portolan.(*).(*)..").should().beFreeOfCycles());
  }

  @Test
  void classesAreNamedByWhatTheyAre() {
    check(
        noClasses()
            .should()
            .haveSimpleNameEndingWith("Util")
            .orShould()
            .haveSimpleNameEndingWith("Utils")
            .orShould()
            .haveSimpleNameEndingWith("Helper")
            .orShould()
            .haveSimpleNameEndingWith("Manager")
            .orShould()
            .haveSimpleNameEndingWith("Impl")
            .orShould()
            .haveSimpleNameEndingWith("Wrapper"));
  }

  @Test
  void everyPackageSaysWhatItIs() {
    check(
        classes()
            .that(
                new DescribedPredicate<JavaClass>("are ours") {
                  @Override
                  public boolean test(JavaClass type) {
                    return type.getPackageName().startsWith("io.portolan");
                  }
                })
            .should(new InDescribedPackage()));
  }

  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(ALL);
  }
}
