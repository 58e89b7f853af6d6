package io.portolan.sim.kube.clients;

import io.portolan.common.kube.KubeClient;
import io.portolan.sim.kube.ApiOptions;
import io.portolan.sim.kube.KubeApiServer;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Our resources on the embedded server, which does not evaluate CEL rules. */
class PortolanResourcesTest extends PortolanResourcesContract {
  private static KubeApiServer server;

  @BeforeAll
  static void start() throws IOException {
    server = KubeApiServer.start(ApiOptions.DEFAULT);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Override
  KubeClient connect() {
    return KubeClient.to(server.url(), Optional.empty(), "resources-test");
  }
}
