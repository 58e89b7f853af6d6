package io.portolan.node.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.kube.KubeFault;
import io.portolan.common.kube.KubeResult;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is done in a CNI directory, and when it is left. */
final class InstallPlanTest {
  private static final Installation OURS = new Installation("kube-system", "portolan-agent");
  private static final String LIST =
      "{\"cniVersion\":\"1.1.0\",\"name\":\"portolan\",\"plugins\":[{\"type\":\"portolan-cni\"}]}";
  private static final ConfigFile WANTED = ConfigFile.of("10-portolan.conflist", LIST, OURS);

  private static ConfigFile put(String name, String by) {
    return ConfigFile.of(name, LIST, Installation.parse(by));
  }

  private static ConfigFile bare(String name, String content) {
    return ConfigFile.read(name, content);
  }

  private static ConfigFile foreign(String name) {
    return bare(name, "{\"name\":\"x\",\"plugins\":[{\"type\":\"ptp\"}]}");
  }

  private static String plan(ConfigFile... found) {
    return InstallPlan.of(Arrays.asList(found), WANTED, OURS)
        .toString()
        .replace("Optional.empty", "none");
  }

  @Test
  void putsWhatIsMissingAndLeavesWhatIsRight() {
    String plans =
        String.join(
            "\n",
            plan(),
            plan(WANTED),
            plan(bare("10-portolan.conflist", LIST)),
            plan(put("05-old.conflist", "kube-system/portolan-agent")),
            plan(foreign("05-aws.conflist"), foreign("06-b.conf"), WANTED),
            plan(WANTED, foreign("10-ptp.conflist")),
            plan(bare("00-broken.conf", "{"), WANTED));
    assertThat(plans)
        .isEqualTo(
            """
            Put[write=true, stale=[], preferred=none]
            Put[write=false, stale=[], preferred=none]
            Put[write=true, stale=[], preferred=none]
            Put[write=true, stale=[05-old.conflist], preferred=none]
            Put[write=false, stale=[], preferred=Optional[05-aws.conflist]]
            Put[write=false, stale=[], preferred=none]
            Put[write=false, stale=[], preferred=Optional[00-broken.conf]]\
            """);
  }

  @Test
  void saysWhyAnothersFilesAreLeft() {
    String plans =
        String.join(
            "\n",
            plan(put("10-portolan.conflist", "net/portolan-agent")),
            plan(put("20-other.conflist", "net/portolan-agent"), WANTED),
            plan(bare("20-portolan.conflist", LIST)),
            plan(bare("20-portolan.conf", "{\"type\":\"portolan-cni\",\"name\":\"x\"}")),
            plan(foreign("10-portolan.conflist")));
    assertThat(plans)
        .isEqualTo(
            """
            Refused[reason=this node belongs to the installation net/portolan-agent, which put 10-portolan.conflist; \
            uninstall that one, or delete the file if it is gone already]
            Refused[reason=this node belongs to the installation net/portolan-agent, which put 20-other.conflist; \
            uninstall that one, or delete the file if it is gone already]
            Refused[reason=20-portolan.conflist runs portolan-cni, too, and was put by hand; delete it]
            Refused[reason=20-portolan.conf runs portolan-cni, too, and was put by hand; delete it]
            Refused[reason=10-portolan.conflist is another plugin's configuration; choose another file name]\
            """);
  }

  @Test
  void theFileKeepsWhatItHadAndNamesTheInstallation() {
    assertThat(WANTED.content())
        .isEqualTo(
            """
            {
              "cniVersion" : "1.1.0",
              "name" : "portolan",
              "plugins" : [ {
                "type" : "portolan-cni"
              } ],
              "portolanInstallation" : "kube-system/portolan-agent"
            }
            """);
    assertThatThrownBy(() -> ConfigFile.of("a.conflist", "{\"plugins\":[]}", OURS))
        .hasMessage("a.conflist is no CNI configuration list that runs portolan-cni");
    for (String wrong : List.of("portolan-agent", "a/b/c", "/x", "kube-system/")) {
      assertThatThrownBy(() -> Installation.parse(wrong))
          .hasMessage("'" + wrong + "' is not NAMESPACE/NAME of a DaemonSet");
    }
  }

  /** Taken for uninstalled only if the answer cannot mean anything else. */
  @Test
  void aMissingAnswerIsNoUninstallation() {
    StringBuilder told = new StringBuilder();
    for (KubeFault.Kind kind : KubeFault.Kind.values()) {
      KubeResult<ObjectNode> failed =
          new KubeResult.Failed<>(new KubeFault(kind, 0, "", "", Optional.empty()));
      if (OwnDaemonSet.isGone(failed, true)) {
        told.append(kind)
            .append(OwnDaemonSet.isGone(failed, false) ? "" : " if it could be read before")
            .append('\n');
      }
    }
    assertThat(told.toString()).isEqualTo("NOT_FOUND\nDENIED if it could be read before\n");

    ObjectNode object = JsonNodeFactory.instance.objectNode();
    ObjectNode metadata = object.putObject("metadata").put("name", "portolan-agent");
    assertThat(OwnDaemonSet.isGone(new KubeResult.Ok<>(object), true)).isFalse();
    metadata.put("deletionTimestamp", "2026-01-01T00:00:00Z");
    assertThat(OwnDaemonSet.isGone(new KubeResult.Ok<>(object), true)).isTrue();
  }
}
