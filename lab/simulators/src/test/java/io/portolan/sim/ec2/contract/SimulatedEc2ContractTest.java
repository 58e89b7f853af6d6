package io.portolan.sim.ec2.contract;

import io.portolan.sim.ec2.Ec2ServerOptions;
import io.portolan.sim.ec2.Ec2SimulatorServer;
import io.portolan.sim.time.VirtualTime;
import java.io.IOException;
import java.net.URI;
import org.junit.jupiter.api.AfterAll;

class SimulatedEc2ContractTest extends StrictEc2Contract {
  private final Ec2SimulatorServer server;

  SimulatedEc2ContractTest() throws IOException {
    server = Ec2SimulatorServer.start(Ec2ServerOptions.loopback(0, VirtualTime.create()));
  }

  @Override
  URI endpoint() {
    return server.endpoint();
  }

  @AfterAll
  void stop() {
    server.close();
  }
}
