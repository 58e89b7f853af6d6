package io.portolan.node.cni;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.node.endpoint.AttachmentId;
import io.portolan.node.endpoint.PodIdentity;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CniRequestReaderTest {
  private static final String CONFIG = "{\"cniVersion\":\"1.1.0\",\"name\":\"portolan\"}";

  private static Map<String, String> environment(String command) {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("CNI_COMMAND", command);
    environment.put("CNI_CONTAINERID", "c1");
    environment.put("CNI_NETNS", "/run/netns/n1");
    environment.put("CNI_IFNAME", "eth0");
    environment.put("CNI_PATH", "/opt/cni/bin");
    return environment;
  }

  private static String read(Map<String, String> environment, String input) {
    return switch (CniRequestReader.read(environment, input)) {
      case CniRequestReader.Valid valid -> valid.request().toString();
      case CniRequestReader.VersionAsked asked -> "VERSION " + asked.version();
      case CniRequestReader.Invalid invalid -> invalid.error().toString();
    };
  }

  private static CniRequest valid(Map<String, String> environment, String input) {
    CniRequestReader.Reading reading = CniRequestReader.read(environment, input);
    assertThat(reading).isInstanceOf(CniRequestReader.Valid.class);
    return ((CniRequestReader.Valid) reading).request();
  }

  @Test
  void readsWhatTheKubeletSends() {
    Map<String, String> environment = environment("ADD");
    environment.put(
        "CNI_ARGS",
        "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web-0;"
            + "K8S_POD_INFRA_CONTAINER_ID=c1;K8S_POD_UID=u-1");
    assertThat(
            valid(
                environment,
                """
                {"cniVersion":"1.0.0","name":"portolan","type":"portolan-cni","mtu":8900,
                 "runtimeConfig":{"portMappings":[]},"unknown":{"kept":"quiet"}}
                """))
        .isEqualTo(
            new CniRequest.Add(
                CniVersion.V1_0_0,
                new AttachmentId("portolan", "c1", "eth0"),
                "/run/netns/n1",
                Optional.of(new PodIdentity("default", "web-0", "u-1")),
                OptionalInt.of(8900),
                Optional.empty(),
                Optional.empty()));
  }

  @Test
  void takesTheContainerForTheUidWhereTheRuntimePassesNone() {
    Map<String, String> environment = environment("ADD");
    environment.put("CNI_ARGS", "K8S_POD_NAMESPACE=default;K8S_POD_NAME=web-0");
    assertThat(((CniRequest.Add) valid(environment, CONFIG)).pod())
        .contains(new PodIdentity("default", "web-0", "c1"));
  }

  @Test
  void takesDelWithoutNamespaceBecauseTheSandboxMayBeDead() {
    Map<String, String> environment = environment("DEL");
    environment.remove("CNI_NETNS");
    assertThat(valid(environment, CONFIG))
        .isEqualTo(
            new CniRequest.Del(
                CniVersion.V1_1_0, new AttachmentId("portolan", "c1", "eth0"), Optional.empty()));
  }

  @Test
  void readsGcOfNothingValidAndRefusesGcThatDoesNotSay() {
    Map<String, String> gc = Map.of("CNI_COMMAND", "GC");
    assertThat(
            valid(
                gc,
                """
                {"cniVersion":"1.1.0","name":"n","cni.dev/valid-attachments":
                  [{"containerID":"b","ifname":"eth0"},{"containerID":"a","ifname":"eth1"}]}
                """))
        .isEqualTo(
            new CniRequest.Gc(
                CniVersion.V1_1_0,
                "n",
                Set.of(
                    new CniRequest.ContainerInterface("a", "eth1"),
                    new CniRequest.ContainerInterface("b", "eth0"))));
    assertThat(
            ((CniRequest.Gc)
                    valid(
                        gc,
                        "{\"cniVersion\":\"1.1.0\",\"name\":\"n\",\"cni.dev/valid-attachments\":null}"))
                .valid())
        .isEmpty();
    assertThat(read(gc, CONFIG)).isEqualTo("7 GC needs the list cni.dev/valid-attachments");
    assertThat(
            read(
                gc,
                "{\"cniVersion\":\"1.1.0\",\"name\":\"n\",\"cni.dev/valid-attachments\":[{\"containerID\":7}]}"))
        .startsWith("7 cni.dev/valid-attachments must hold objects");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "VERSION|0.2.0|VERSION 0.2.0",
        "ADD|0.2.0|1 cniVersion 0.2.0 is not supported; supported are 0.3.0, 0.3.1, 0.4.0, 1.0.0,"
            + " 1.1.0",
        "ADD|1.2.0|1 cniVersion 1.2.0 is not",
        "DEL|latest|1 cniVersion latest is not",
        "CHECK|0.3.1|1 CHECK exists since version 0.4.0, the configuration has 0.3.1",
        "GC|1.0.0|1 GC exists since version 1.1.0, the configuration has 1.0.0",
        "STATUS|0.4.0|1 STATUS exists since version 1.1.0, the configuration has 0.4.0",
        "STATUS|1.1.0|Status[",
        "ADD|0.3.0|Add[version=0.3.0",
        "DEL|0.4.0|Del[version=0.4.0",
      })
  void answersEachCommandInTheVersionsThatHaveIt(String command, String version, String expected) {
    assertThat(
            read(
                environment(command), "{\"cniVersion\":\"" + version + "\",\"name\":\"portolan\"}"))
        .startsWith(expected);
  }

  @Test
  void refusesConfigurationWithoutVersionAsTheSpecificationCountsItAs010() {
    assertThat(read(environment("ADD"), "{\"name\":\"n\"}")).startsWith("1 cniVersion 0.1.0");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "CNI_COMMAND|FROB|4 CNI_COMMAND must be one of ADD, DEL, CHECK, GC, STATUS, VERSION, not"
            + " 'FROB'",
        "CNI_CONTAINERID|``|4 CNI_CONTAINERID is not set",
        "CNI_CONTAINERID|../../x|4 CNI_CONTAINERID '../../x' must start with",
        "CNI_NETNS|``|4 CNI_NETNS is not set",
        "CNI_IFNAME|``|4 CNI_IFNAME is not set",
        "CNI_IFNAME|averyveryverylongname|4 CNI_IFNAME 'averyveryverylongname' is not",
        "CNI_IFNAME|..|4 CNI_IFNAME '..' is not",
        "CNI_IFNAME|a/b|4 CNI_IFNAME 'a/b' is not",
        "CNI_IFNAME|a:b|4 CNI_IFNAME 'a:b' is not",
        "CNI_IFNAME|a b|4 CNI_IFNAME 'a b' is not",
        "CNI_ARGS|novalue|4 CNI_ARGS must be KEY=VALUE pairs",
        "CNI_ARGS|K8S_POD_NAME=x|4 CNI_ARGS must have both",
      })
  void namesTheVariableThatIsWrong(String variable, String value, String expected) {
    Map<String, String> environment = environment("ADD");
    environment.put(variable, value);
    assertThat(read(environment, CONFIG)).startsWith(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "   ",
        "{",
        "nonsense",
        "{\"cniVersion\":\"1.1.0\",\"name\":\"n\"} trailing",
        "{\"name\":\"a\",\"name\":\"b\"}",
        "{\"cniVersion\":\"1.1.0\",\"name\":\"n\",}",
        "[]",
        "\"text\"",
        "null"
      })
  void refusesInputThatIsNotOneJsonObject(String input) {
    assertThat(read(environment("ADD"), input)).startsWith("6 the network configuration");
  }

  @Test
  void survivesNestingThatWouldOverflowAStack() {
    assertThat(read(environment("ADD"), "{\"a\":" + "[".repeat(200_000)))
        .startsWith("6 the network configuration is not JSON");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"name\":7|7 name must be a string, not 7",
        "\"name\":\"\"|7 name is missing",
        "\"name\":\"a/b\"|7 name 'a/b' is not a CNI network name",
        "\"name\":\"n\",\"mtu\":\"9001\"|7 mtu must be an integer from 1280 to 65535, not \"9001\"",
        "\"name\":\"n\",\"mtu\":100|7 mtu must be an integer",
        "\"name\":\"n\",\"prevResult\":[]|7 prevResult must be an object",
        "\"name\":\"n\",\"dns\":\"8.8.8.8\"|7 dns must be an object",
        "\"name\":\"n\",\"dns\":{\"nameservers\":\"8.8.8.8\"}|7 dns.nameservers must be a list of"
            + " strings",
        "\"name\":\"n\",\"ipMasq\":true|2 ipMasq: true is not supported",
        "\"name\":\"n\",\"ipam\":{\"type\":\"host-local\"}|2 ipam.type: \"host-local\" is not"
            + " supported",
        "\"name\":\"n\",\"runtimeConfig\":{\"ips\":[\"10.0.0.9\"]}|2 runtimeConfig.ips:"
            + " [\"10.0.0.9\"] is not",
        "\"name\":\"n\",\"runtimeConfig\":{\"mac\":\"02:00:00:00:00:01\"}|2 runtimeConfig.mac",
      })
  void namesTheSettingThatIsWrong(String settings, String expected) {
    assertThat(read(environment("ADD"), "{\"cniVersion\":\"1.1.0\"," + settings + "}"))
        .startsWith(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "null|7 CHECK needs prevResult",
        "{\"interfaces\":{}}|7 prevResult.interfaces must be an array",
        "{\"interfaces\":[7]}|7 prevResult.interfaces must hold objects",
        "{\"interfaces\":[{\"name\":1}]}|7 prevResult.interfaces: name must be a string, not 1",
        "{\"ips\":[{\"address\":\"10.0.0.300/24\"}]}|7 '10.0.0.300' is not an IP address",
        "{\"ips\":[{\"address\":\"10.0.0.3/24\",\"interface\":0}]}|7 prevResult.ips: interface 0 is"
            + " not",
        "{\"ips\":[{\"address\":\"10.0.0.3/24\",\"interface\":-1}]}|7 prevResult.ips: interface"
            + " must be",
      })
  void namesThePlaceInPrevResultThatIsWrong(String previous, String expected) {
    assertThat(
            read(
                environment("CHECK"),
                "{\"cniVersion\":\"1.1.0\",\"name\":\"n\",\"prevResult\":" + previous + "}"))
        .startsWith(expected);
  }

  @Test
  void answersVersionToWhateverInput() {
    Map<String, String> version = Map.of("CNI_COMMAND", "VERSION");
    assertThat(read(version, "{\"cniVersion\":\"0.4.0\"}")).isEqualTo("VERSION 0.4.0");
    assertThat(read(version, "")).isEqualTo("VERSION 1.1.0");
    assertThat(read(version, "garbage")).isEqualTo("VERSION 1.1.0");
  }
}
