package io.portolan.node.cni;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CniJsonTest {
  private static CniResult result(Optional<ObjectNode> previous) {
    return new CniResult(
        List.of(
            new CniResult.Interface("eni1", "ee:ee:ee:ee:ee:ee", OptionalInt.of(9001), ""),
            new CniResult.Interface(
                "eth0", "02:00:00:00:00:01", OptionalInt.of(9001), "/run/netns/n1")),
        List.of(
            new CniResult.Ip(
                IpAddress.parse("10.0.1.5"),
                32,
                Optional.of(IpAddress.parse("169.254.1.1")),
                OptionalInt.of(1)),
            new CniResult.Ip(
                IpAddress.parse("2001:db8::5"), 128, Optional.empty(), OptionalInt.of(1))),
        List.of(
            new CniResult.Route(
                Cidr.parse("0.0.0.0/0"), Optional.of(IpAddress.parse("169.254.1.1")))),
        Optional.empty(),
        previous);
  }

  private static final String V110 =
      """
      {"cniVersion":"1.1.0",\
      "interfaces":[{"name":"eni1","mac":"ee:ee:ee:ee:ee:ee","mtu":9001},\
      {"name":"eth0","mac":"02:00:00:00:00:01","mtu":9001,"sandbox":"/run/netns/n1"}],\
      "ips":[{"interface":1,"address":"10.0.1.5/32","gateway":"169.254.1.1"},\
      {"interface":1,"address":"2001:db8::5/128"}],\
      "routes":[{"dst":"0.0.0.0/0","gw":"169.254.1.1"}]}
      """;

  @ParameterizedTest
  @EnumSource(CniVersion.class)
  void writesEachVersionsOwnFields(CniVersion version) {
    String expected = V110.replace("\"1.1.0\"", "\"" + version + "\"");
    if (!version.isAtLeast(CniVersion.V1_1_0)) {
      expected = expected.replace(",\"mtu\":9001", "");
    }
    if (!version.isAtLeast(CniVersion.V1_0_0)) {
      expected =
          expected
              .replace(
                  "{\"interface\":1,\"address\":\"10.",
                  "{\"version\":\"4\",\"interface\":1,\"address\":\"10.")
              .replace(
                  "{\"interface\":1,\"address\":\"2001",
                  "{\"version\":\"6\",\"interface\":1,\"address\":\"2001");
    }
    assertThat(CniJson.result(version, result(Optional.empty()))).isEqualTo(expected);
  }

  @Test
  void keepsEverythingEarlierPluginsReported() throws IOException {
    ObjectNode previous =
        (ObjectNode)
            CniJson.read(
                """
                {"cniVersion":"1.1.0","interfaces":[{"name":"lo","vendor":"kept"}],
                 "ips":[{"address":"127.0.0.1/8","interface":0}],
                 "dns":{"nameservers":["10.0.0.10"]}}
                """);
    String written = CniJson.result(CniVersion.V1_1_0, result(Optional.of(previous)));
    assertThat(written)
        .contains("{\"name\":\"lo\",\"vendor\":\"kept\"},{\"name\":\"eni1\"")
        .contains("{\"address\":\"127.0.0.1/8\",\"interface\":0},{\"interface\":2,")
        .contains("\"dns\":{\"nameservers\":[\"10.0.0.10\"]}");
    CniResult read = CniResultReader.read((ObjectNode) CniJson.read(written));
    assertThat(read.ips().get(1).interfaceIndex()).hasValue(2);
    assertThat(read.interfaces().get(2).sandbox()).isEqualTo("/run/netns/n1");
  }

  @ParameterizedTest
  @EnumSource(CniVersion.class)
  void readsBackWhatItWrites(CniVersion version) throws IOException {
    CniResult read =
        CniResultReader.read(
            (ObjectNode) CniJson.read(CniJson.result(version, result(Optional.empty()))));
    assertThat(CniJson.result(version, read))
        .isEqualTo(CniJson.result(version, result(Optional.empty())));
  }

  @Test
  void writesErrorsWithDetailsOnlyWhereThereAreSome() {
    assertThat(
            CniJson.error("1.0.0", new CniError(CniErrorCode.TRY_AGAIN_LATER, "later", "so \"x\"")))
        .isEqualTo(
            "{\"cniVersion\":\"1.0.0\",\"code\":11,\"msg\":\"later\",\"details\":\"so"
                + " \\\"x\\\"\"}\n");
    assertThat(CniJson.error("1.0.0", new CniError(CniErrorCode.INTERNAL, "bug")))
        .isEqualTo("{\"cniVersion\":\"1.0.0\",\"code\":999,\"msg\":\"bug\"}\n");
  }
}
