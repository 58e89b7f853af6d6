package io.portolan.sim.kube.clients;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.portolan.common.api.v1alpha1.Condition;
import io.portolan.common.api.v1alpha1.NodeNetworkSpec;
import io.portolan.common.api.v1alpha1.NodeNetworkStatus.Interface;
import io.portolan.common.api.v1alpha1.NodeNetworkStatus.PoolCounts;
import io.portolan.common.api.v1alpha1.NodeNetworkStatus.Release;
import io.portolan.common.api.v1alpha1.NodeNetworkStatus.Supply;
import io.portolan.common.api.v1alpha1.NodeNetworkStatus.Use;
import io.portolan.common.kube.EventWriter;
import io.portolan.common.kube.KubeClient;
import io.portolan.common.kube.KubeFault;
import io.portolan.common.kube.KubeResult;
import io.portolan.common.kube.KubeWatch;
import io.portolan.common.kube.NetworkProfileRecord;
import io.portolan.common.kube.NodeNetworkRecord;
import io.portolan.common.kube.NodeNetworkRepository;
import io.portolan.common.kube.ResourcePath;
import io.portolan.common.kube.WatchScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Our own resources, with the checked-in CRDs, against whoever serves the API. */
abstract class PortolanResourcesContract {
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
  private static final ResourcePath CRDS =
      new ResourcePath("apiextensions.k8s.io", "v1", "customresourcedefinitions");
  private static final String NODE = "contract-node";
  private static final Path ROOT = Path.of(System.getProperty("portolan.root", "../.."));
  private static final String[] EXAMPLES = {
    "networkprofile-aws-prefix.yaml", "networkprofile-aws-secondary-ip.yaml"
  };

  private KubeClient client;
  private NodeNetworkRepository repository;

  abstract KubeClient connect();

  @BeforeEach
  final void install() throws Exception {
    client = connect();
    repository = new NodeNetworkRepository(client);
    for (String name : List.of("networkprofiles", "nodenetworks")) {
      Path file = ROOT.resolve("deploy/crds/" + name + ".portolan.io.yaml");
      ObjectNode crd = (ObjectNode) YAML.readTree(Files.readString(file));
      client.apply(CRDS.object("", name + ".portolan.io"), "contract", crd).orThrow();
    }
    await(() -> client.get(ResourcePath.NODE_NETWORKS.collection("")).toOptional().isPresent());
    await(() -> client.get(ResourcePath.NETWORK_PROFILES.collection("")).toOptional().isPresent());
    clean();
  }

  @AfterEach
  final void leave() {
    clean();
    client.close();
  }

  private void clean() {
    client.delete(ResourcePath.NODE_NETWORKS.collection(""));
    client.delete(ResourcePath.NETWORK_PROFILES.collection(""));
    client.delete(ResourcePath.NODES.object("", NODE));
  }

  final KubeClient client() {
    return client;
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(15).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
      Thread.sleep(20);
    }
  }

  /** The refusal of a profile with this specification; "accepted" if there is none. */
  final String profile(String name, String spec) throws IOException {
    ObjectNode object =
        (ObjectNode)
            YAML.readTree(
                "{apiVersion: portolan.io/v1alpha1, kind: NetworkProfile, metadata: {name: "
                    + name
                    + "}, spec: "
                    + spec
                    + "}");
    KubeResult<ObjectNode> result =
        client.create(ResourcePath.NETWORK_PROFILES.collection(""), object);
    client.delete(ResourcePath.NETWORK_PROFILES.object("", name));
    return result.failure().map(f -> f.kind() + ": " + f.message()).orElse("accepted");
  }

  @Test
  void sensibleProfilesAreAccepted() throws IOException {
    assertThat(profile("default", "{ipam: AWS}")).isEqualTo("accepted");
    assertThat(
            profile(
                "default",
                "{ipam: AWS, aws: {allocation: PREFIX, subnetIds: [subnet-1]}, pool: {reserve: 3},"
                    + " spillOver: OVERLAY, overlay: {mode: ALWAYS, encapsulation: VXLAN},"
                    + " natExclusions: ['10.0.0.0/8', '2001:db8::/32'], podMtu: 9001}"))
        .isEqualTo("accepted");
    assertThat(
            profile(
                "default", "{ipam: CALICO, overlay: {mode: CROSS_SUBNET, encapsulation: IPIP}}"))
        .isEqualTo("accepted");
    assertThat(profile("gpu", "{ipam: AWS, nodeSelector: {gpu: 'true'}}")).isEqualTo("accepted");
    assertThat(profile("default", "{ipam: EXTERNAL}")).isEqualTo("accepted");
  }

  @Test
  void examplesAreAcceptedAndEveryFieldOfThemIsKnown() throws IOException {
    List<Path> examples;
    try (Stream<Path> files = Files.list(ROOT.resolve("deploy/examples"))) {
      examples = files.filter(f -> f.getFileName().toString().endsWith(".yaml")).sorted().toList();
    }
    assertThat(examples).extracting(f -> f.getFileName().toString()).containsExactly(EXAMPLES);
    for (Path file : examples) {
      ObjectNode example = (ObjectNode) YAML.readTree(Files.readString(file));
      KubeResult<ObjectNode> stored =
          client.create(ResourcePath.NETWORK_PROFILES.collection(""), example);
      // A field the schema does not know would have been pruned.
      assertThat(stored.orThrow().get("spec")).as(file.toString()).isEqualTo(example.get("spec"));
    }
  }

  @Test
  void malformedProfilesAreRefused() throws IOException {
    assertThat(profile("default", "{}"))
        .startsWith("INVALID")
        .contains("spec.ipam: Required value");
    assertThat(profile("default", "{ipam: KUBENET}"))
        .contains("spec.ipam: Unsupported value: \"KUBENET\"", "\"AWS\"");
    assertThat(profile("default", "{ipam: AWS, podMtu: 100}"))
        .contains("spec.podMtu in body should be greater than or equal to 1280");
    assertThat(profile("default", "{ipam: CALICO, overlay: {mode: SOMETIMES}}"))
        .contains("spec.overlay.mode: Unsupported value");
  }

  private static Supply supply(long revision, List<Release> releasing) {
    Interface primary =
        new Interface(
            "eni-1",
            "02:00:00:00:00:01",
            0,
            0,
            "subnet-1",
            List.of("10.0.0.0/24"),
            "10.0.0.1",
            null,
            "10.0.0.10",
            List.of("10.0.0.11", "10.0.0.12"),
            null);
    return new Supply(
        revision,
        List.of("10.0.0.0/16"),
        List.of(primary),
        null,
        releasing,
        new PoolCounts(9, 2, 1));
  }

  private static Condition condition(String type, String status) {
    return new Condition(type, status, "Because", "", "2026-01-02T03:04:05Z");
  }

  @Test
  void controllerAndAgentNeverTouchEachOthersFields() {
    NodeNetworkSpec spec = new NodeNetworkSpec("aws", "i-1", "m5.large", "eu-1a", "default", null);
    ObjectNode node = YAML.createObjectNode();
    node.put("apiVersion", "v1").put("kind", "Node").putObject("metadata").put("name", NODE);
    String uid =
        client
            .create(ResourcePath.NODES.collection(""), node)
            .orThrow()
            .at("/metadata/uid")
            .asText();
    NodeNetworkRecord created = repository.applySpec(NODE, uid, spec).orThrow();
    assertThat(created.spec()).isEqualTo(spec);
    assertThat(created.generation()).isEqualTo(1);

    List<Release> marks = List.of(new Release("10.0.0.12/32", 7));
    repository
        .applySupply(NODE, supply(7, marks), List.of(condition("AddressesAvailable", "True")))
        .orThrow();
    NodeNetworkRecord both =
        repository
            .applyUse(NODE, new Use("1.0", marks, 1, 0), List.of(condition("Ready", "True")))
            .orThrow();
    assertThat(both.status().supply()).isEqualTo(supply(7, marks));
    assertThat(both.status().use()).isEqualTo(new Use("1.0", marks, 1, 0));
    assertThat(types(both)).containsExactlyInAnyOrder("AddressesAvailable", "Ready");

    NodeNetworkRecord later =
        repository.applySupply(NODE, supply(8, List.of()), List.of()).orThrow();

    Supply left = later.status().supply();
    assertThat(left == null ? "no supply" : left.revision() + " " + left.releasing())
        .isEqualTo("8 null");
    assertThat(later.status().use()).isEqualTo(new Use("1.0", marks, 1, 0));
    assertThat(types(later)).containsExactly("Ready");
    assertThat(later.generation()).isEqualTo(1);

    NodeNetworkRecord same =
        repository.applySupply(NODE, supply(8, List.of()), List.of()).orThrow();
    assertThat(same.resourceVersion())
        .as("repeating changes nothing")
        .isEqualTo(later.resourceVersion());
  }

  private static List<String> types(NodeNetworkRecord record) {
    List<String> types = new ArrayList<>();
    List<Condition> conditions = record.status().conditions();
    if (conditions != null) {
      conditions.forEach(c -> types.add(c.type()));
    }
    return types;
  }

  @Test
  void aStatusNeedsItsObject() {
    KubeFault fault =
        repository
            .applyUse("absent", new Use("1.0", null, 0, 0), List.of())
            .failure()
            .orElseThrow();
    assertThat(fault.kind()).isEqualTo(KubeFault.Kind.NOT_FOUND);
  }

  @Test
  void watchesDeliverOurResources() throws Exception {
    Received<NodeNetworkRecord> nodes =
        new Received<>(NodeNetworkRecord::name, n -> n.name() + " " + n.spec().instanceType());
    Received<NetworkProfileRecord> profiles =
        new Received<>(NetworkProfileRecord::name, p -> p.name() + " " + p.spec().ipam());
    try (KubeWatch<NodeNetworkRecord> _ = repository.watch(NODE, nodes);
        KubeWatch<NetworkProfileRecord> _ =
            KubeWatch.start(
                client,
                WatchScope.all(ResourcePath.NETWORK_PROFILES),
                NetworkProfileRecord.decoder(),
                profiles)) {
      assertThat(nodes.next()).isEqualTo("synced []");
      assertThat(profiles.next()).isEqualTo("synced []");
      NodeNetworkSpec spec = new NodeNetworkSpec("aws", "i-1", "m5.large", null, null, null);
      repository.applySpec("other-node", "0-0", spec).orThrow();
      repository.applySpec(NODE, "0-0", spec).orThrow();
      assertThat(nodes.next()).isEqualTo("upsert contract-node m5.large");
      assertThat(profile("default", "{ipam: HOST_LOCAL}")).isEqualTo("accepted");
      assertThat(profiles.next()).isEqualTo("upsert default HOST_LOCAL");
      assertThat(profiles.next()).isEqualTo("delete default");
    }
  }

  @Test
  void repeatedEventsAreCounted() throws Exception {
    EventWriter.Subject subject =
        new EventWriter.Subject("v1", "Node", "", "event-node-" + System.nanoTime(), "");
    try (EventWriter writer =
        new EventWriter(client, "portolan-contract", "here", InstantSource.system())) {
      for (int i = 0; i < 30; i++) {
        writer.report(subject, EventWriter.Severity.WARNING, "Exhausted", "no address in subnet-1");
      }
      String path =
          ResourcePath.EVENTS.collection("default")
              + "?fieldSelector=involvedObject.name="
              + subject.name();
      await(() -> counts(path).equals("10 no address in subnet-1"));
    }
  }

  @Test
  void whatManySeeIsOneEvent() throws Exception {
    EventWriter.Subject subject =
        new EventWriter.Subject(
            "networking.k8s.io/v1", "NetworkPolicy", "default", "shared-" + System.nanoTime(), "");
    String path =
        ResourcePath.EVENTS.collection("default")
            + "?fieldSelector=involvedObject.name="
            + subject.name();
    for (int node = 0; node < 3; node++) {
      try (EventWriter writer =
          new EventWriter(client, "portolan-contract", "node-" + node, InstantSource.system())) {
        writer.reportShared(subject, EventWriter.Severity.WARNING, "NotUnderstood", "one");
        writer.reportShared(subject, EventWriter.Severity.WARNING, "NotUnderstood", "two");
        String sign = "last of " + node;
        writer.report(subject, EventWriter.Severity.NORMAL, "Sign", sign);
        await(() -> counts(path).contains(sign));
      }
    }
    assertThat(counts(path).lines().filter(line -> !line.contains("last of")).sorted())
        .containsExactly("1 one", "1 two");
  }

  private String counts(String path) {
    Optional<ObjectNode> list = client.get(path).toOptional();
    List<String> lines = new ArrayList<>();
    for (JsonNode event :
        list.<JsonNode>map(l -> l.path("items")).orElseGet(YAML::createArrayNode)) {
      lines.add(event.path("count").asInt() + " " + event.path("message").asText());
    }
    return String.join("\n", lines);
  }
}
