package io.portolan.common.kube;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class KubeResourceNameTest {
  @Test
  void callsAreCountedByResourceWhateverTheObjectsAreCalled() {
    assertThat(
            Stream.of(
                    "/api/v1/nodes",
                    "/api/v1/namespaces/default",
                    "/api/v1/namespaces/default/events/n1.abc",
                    "/apis/portolan.io/v1alpha1/nodenetworks/n1/status?fieldManager=x",
                    "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/portolan",
                    "/version")
                .map(KubeClient::resource))
        .containsExactly(
            "nodes", "namespaces", "events", "nodenetworks/status", "leases", "version");
  }
}
