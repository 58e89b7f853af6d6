package io.portolan.sim.kube.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.kube.KubeClient;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** Our resources on a real API server, CEL rules included. */
@EnabledIfEnvironmentVariable(
    named = "PORTOLAN_KUBECONFIG",
    matches = ".+",
    disabledReason = "PORTOLAN_KUBECONFIG names no cluster")
class RealPortolanResourcesIT extends PortolanResourcesContract {
  @Override
  KubeClient connect() {
    return KubeClient.fromKubeconfig(
        Path.of(System.getenv("PORTOLAN_KUBECONFIG")), "resources-test");
  }

  @Test
  void impossibleCombinationsAreRefusedWithTheReason() throws IOException {
    assertThat(profile("default", "{ipam: CALICO, aws: {allocation: PREFIX}}"))
        .isEqualTo(
            "INVALID: NetworkProfile.portolan.io \"default\" is invalid: spec: Invalid value: aws:"
                + " these settings mean nothing without ipam AWS; remove them");
    assertThat(profile("default", "{ipam: CALICO, pool: {reserve: 1}}"))
        .contains("pool: only pools of a cloud");
    assertThat(profile("default", "{ipam: CALICO, spillOver: OVERLAY}"))
        .contains("spillOver: only addresses of a cloud");
    assertThat(profile("default", "{ipam: AWS, overlay: {mode: ALWAYS, encapsulation: VXLAN}}"))
        .contains("overlay: only Calico blocks are encapsulated");
    assertThat(profile("default", "{ipam: CALICO, overlay: {mode: ALWAYS}}"))
        .contains("encapsulation: say VXLAN or IPIP");
    assertThat(
            profile(
                "default",
                "{ipam: AZURE, spillOver: OVERLAY, overlay: {mode: ALWAYS, encapsulation: IPIP}}"))
        .contains("Azure's network drops IPIP");
    assertThat(profile("default", "{ipam: EXTERNAL, podMtu: 1400}"))
        .contains("with EXTERNAL the other CNI");
    assertThat(profile("default", "{ipam: AWS, natExclusions: ['10.0.0.0/33']}"))
        .contains("natExclusions: write blocks such as");
    assertThat(profile("gpu", "{ipam: AWS}")).contains("any other needs one");
    assertThat(profile("default", "{ipam: AWS, nodeSelector: {a: b}}"))
        .contains("any other needs one");
  }
}
