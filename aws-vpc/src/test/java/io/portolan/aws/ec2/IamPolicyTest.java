package io.portolan.aws.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The policy that administrators give the controller allows what it calls, and no more. */
final class IamPolicyTest {
  @Test
  void thePolicyAllowsWhatTheControllerCalls() throws IOException {
    Path file = Path.of(System.getProperty("portolan.root"), "deploy/iam/aws-vpc.json");
    List<String> allowed = new ArrayList<>();
    for (JsonNode statement : new ObjectMapper().readTree(file.toFile()).required("Statement")) {
      statement.required("Action").forEach(action -> allowed.add(action.asText()));
    }

    assertThat(allowed.stream().sorted().toList()).isEqualTo(Ec2Action.iamNames());
  }
}
