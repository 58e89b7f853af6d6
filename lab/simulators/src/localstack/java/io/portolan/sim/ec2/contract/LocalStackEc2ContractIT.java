package io.portolan.sim.ec2.contract;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;

/**
 * The contract against LocalStack, in the Maven profile {@code localstack}, for those who have Docker
 * and a LocalStack token.
 */
class LocalStackEc2ContractIT extends Ec2Contract {
  private static final int PORT = 4566;

  private Optional<GenericContainer<?>> container = Optional.empty();

  @Override
  URI endpoint() {
    String token = Optional.ofNullable(System.getenv("LOCALSTACK_AUTH_TOKEN")).orElse("");
    Prerequisite.require(
        !token.isEmpty(), () -> "LOCALSTACK_AUTH_TOKEN is not set; LocalStack's image does not start");
    Prerequisite.require(
        DockerClientFactory.instance().isDockerAvailable(), () -> "no Docker daemon can be reached");
    GenericContainer<?> started =
        new GenericContainer<>("localstack/localstack:latest")
            .withEnv("LOCALSTACK_AUTH_TOKEN", token)
            .withEnv("SERVICES", "ec2")
            .withExposedPorts(PORT)
            .waitingFor(
                Wait.forHttp("/_localstack/health")
                    .forPort(PORT)
                    .withStartupTimeout(Duration.ofMinutes(3)));
    container = Optional.of(started);
    started.start();
    return URI.create("http://" + started.getHost() + ":" + started.getMappedPort(PORT));
  }

  @AfterAll
  void stop() {
    container.ifPresent(GenericContainer::stop);
  }
}
