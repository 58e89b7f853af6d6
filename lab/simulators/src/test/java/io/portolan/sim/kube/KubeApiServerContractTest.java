package io.portolan.sim.kube;

import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contract, of the embedded server. */
class KubeApiServerContractTest extends KubeApiContract {
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
  RawApi connect() {
    return RawApi.to(server.url());
  }
}
