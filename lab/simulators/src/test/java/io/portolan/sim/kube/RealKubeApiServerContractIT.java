package io.portolan.sim.kube;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.client.Config;
import java.io.File;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * The contract, of a real API server: what the embedded one is measured against. Needs a cluster of
 * which the kubeconfig in {@code PORTOLAN_KUBECONFIG} is administrator.
 */
@EnabledIfEnvironmentVariable(
    named = "PORTOLAN_KUBECONFIG",
    matches = ".+",
    disabledReason = "PORTOLAN_KUBECONFIG names no cluster to compare with")
class RealKubeApiServerContractIT extends KubeApiContract {
  private static Config config;

  @BeforeAll
  static void read() {
    File file = new File(System.getenv("PORTOLAN_KUBECONFIG"));
    assumeTrue(file.canRead(), file + " is not there");
    config = Config.fromKubeconfig(file);
  }

  @Override
  RawApi connect() {
    return RawApi.to(config);
  }

  @Override
  boolean namespaceIsComplete() {
    return api().get("/api/v1/namespaces/" + namespace() + "/serviceaccounts/default").code() == 200
        && api().get("/api/v1/namespaces/" + namespace() + "/configmaps/kube-root-ca.crt").code()
            == 200;
  }
}
