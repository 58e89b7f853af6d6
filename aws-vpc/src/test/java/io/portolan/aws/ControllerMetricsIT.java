package io.portolan.aws;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.sim.ec2.Ec2Behavior;
import io.portolan.sim.fault.Fault;
import io.portolan.sim.fault.FaultRule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the real controller process tells an administrator: meters, and events of nodes. */
@Timeout(600)
final class ControllerMetricsIT {
  private static final Duration SOON = Duration.ofMinutes(2);
  private static final Pattern ROW =
      Pattern.compile(
          "^\\| `(portolan_[a-z_]+)` \\| .* \\| `portolan-aws-vpc` \\|", Pattern.MULTILINE);
  private static final Pattern METER =
      Pattern.compile("^# TYPE (portolan_\\S+) ", Pattern.MULTILINE);

  @Test
  void metersAreThoseThatTheDocumentationNamesAndTroubleIsAnEventOfTheNode() throws Exception {
    try (LiveCluster cluster = new LiveCluster(7, "SECONDARY_IP")) {
      String subnet = cluster.account.subnet("eu-central-1a", "10.0.1.0/24");
      cluster.addNode("n1", "m5.large", subnet);
      cluster.bind("n1", 0, 12);
      cluster.leak(subnet);
      cluster
          .account
          .world()
          .behave(
              Ec2Behavior.PROMPT.withRule(
                  FaultRule.always(
                      "AssignPrivateIpAddresses",
                      new Fault.Refusal("UnauthorizedOperation", 403, "You are not authorized"))));
      cluster.start();
      cluster.await(
          "an event of the node",
          SOON,
          () -> cluster.events().contains("Warning CloudPermissionDenied n1"));
      cluster.account.world().behave(Ec2Behavior.PROMPT);
      cluster.await("addresses", SOON, cluster::everyPodHasAnAddress);
      cluster.await("the end of it", SOON, () -> cluster.events().contains("Normal Recovered n1"));
      Set<String> documented =
          matches(
              ROW,
              Files.readString(
                  Path.of(System.getProperty("portolan.root", ".."), "docs", "operations.md")));
      cluster.await(
          "every meter of docs/operations.md: " + documented,
          SOON,
          () -> meters(cluster).containsAll(documented));
      assertThat(meters(cluster)).as("and no other").isEqualTo(documented);
      assertThat(scrape(cluster))
          .contains(
              "portolan_pool_addresses{component=\"aws-vpc\",state=\"demand\"} 12.0",
              "portolan_leader{component=\"aws-vpc\"} 1.0");
    }
  }

  /** Names of meters; the {@code _max} that comes with each histogram is none of its own. */
  private static Set<String> meters(LiveCluster cluster) {
    Set<String> names = matches(METER, scrape(cluster));
    names.removeIf(name -> name.endsWith("_max") && names.contains(name.replaceAll("_max$", "")));
    return names;
  }

  private static Set<String> matches(Pattern pattern, String text) {
    Set<String> names = new TreeSet<>();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      names.add(matcher.group(1));
    }
    return names;
  }

  private static String scrape(LiveCluster cluster) {
    try (var in =
        URI.create("http://127.0.0.1:" + cluster.metricsPort + "/metrics").toURL().openStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
