package io.portolan.sim.ec2.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.sim.ec2.Ec2ServerOptions;
import io.portolan.sim.ec2.Ec2SimulatorServer;
import io.portolan.sim.time.RealTime;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** boto3 and the aws command line, which know nothing of us, against a cold simulator. */
class PythonClientsIT {
  @Test
  void boto3AndTheCommandLineAreServed() throws Exception {
    String python = PythonTools.interpreter();
    Path script = Path.of("src/test/python/ec2_conformance.py").toAbsolutePath();
    try (RealTime time = new RealTime();
        Ec2SimulatorServer server = Ec2SimulatorServer.start(Ec2ServerOptions.loopback(0, time))) {
      PythonTools.Finished finished =
          PythonTools.run(
              Path.of("").toAbsolutePath(),
              300,
              List.of(python, script.toString(), server.endpoint().toString(), "us-east-1"));
      System.out.println(finished.output());
      assertThat(finished.status()).as(finished.output()).isZero();
      assertThat(finished.output()).contains(" 0 failures");
    }
  }
}
