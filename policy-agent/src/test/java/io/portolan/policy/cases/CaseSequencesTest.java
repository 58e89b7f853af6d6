package io.portolan.policy.cases;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.portolan.policy.compile.ClusterObjects;
import io.portolan.policy.compile.NaiveEvaluator;
import io.portolan.policy.compile.RandomCluster;
import io.portolan.policy.nft.Flow;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random clusters: against the text of the API, and states in a row against each by itself. */
class CaseSequencesTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final long seed = Long.getLong("portolan.seed", System.nanoTime());

  @Test
  void aStateIsAnsweredAlikeWhateverWasBefore() throws IOException {
    int denied = 0;
    int answered = 0;
    for (int i = 0; i < 120; i++) {
      Random random = new Random(seed + i);
      StringBuilder sequence = new StringBuilder();
      StringBuilder alone = new StringBuilder();
      List<Boolean> expected = new ArrayList<>();
      for (int step = 0; step < 6; step++) {
        RandomCluster cluster = ClusterObjects.everywhere(RandomCluster.draw(random));
        NaiveEvaluator text = new NaiveEvaluator(cluster);
        List<Map<String, Object>> probes = new ArrayList<>();
        for (Flow flow : cluster.flows(random)) {
          probes.add(probe(flow));
          expected.add(text.allows(flow));
        }
        List<JsonNode> objects = ClusterObjects.of(cluster);
        sequence.append(line("x", step, objects, probes));
        // Another id in between makes a cluster of its own of each line.
        alone.append(line("y", 0, List.of(), List.of())).append(line("x", step, objects, probes));
      }
      String answers = answer(sequence.toString());
      assertThat(answers).as("seed %d", seed + i).isEqualTo(answer(alone.toString()));
      List<Boolean> allowed =
          answers.lines().map(line -> line.contains("\"verdict\":\"allow\"")).toList();
      assertThat(allowed).as("seed %d", seed + i).isEqualTo(expected);
      answered += allowed.size();
      denied += (int) allowed.stream().filter(a -> !a).count();
    }
    assertThat(denied).isGreaterThan(answered / 10).isLessThan(answered / 10 * 9);
  }

  /** Printed, not asserted: machines differ. */
  @Test
  void throughput() throws IOException {
    Random random = new Random(seed);
    StringBuilder small = new StringBuilder();
    int probes = 0;
    for (int i = 0; i < 500; i++) {
      RandomCluster cluster = RandomCluster.draw(random);
      List<Map<String, Object>> some =
          cluster.flows(random).stream().map(CaseSequencesTest::probe).toList();
      probes += some.size();
      small.append(line("c" + i, 0, ClusterObjects.of(cluster), some));
    }
    answer(small.toString());
    report("500 small clusters", probes, small.toString());
    List<Map<String, Object>> many = new ArrayList<>();
    List<JsonNode> objects = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      objects.add(
          JSON.readTree(
              """
              {"apiVersion":"v1","kind":"Pod","metadata":{"namespace":"n%d","name":"p%d","labels":
              {"app":"a%d"}},"status":{"podIPs":[{"ip":"10.1.%d.%d"}]}}\
              """
                  .formatted(i % 40, i, i % 10, i / 250, i % 250 + 1)));
    }
    for (int i = 0; i < 400; i++) {
      objects.add(
          JSON.readTree(
              """
              {"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"namespace":
              "n%d","name":"q%d"},"spec":{"podSelector":{"matchLabels":{"app":"a%d"}},"ingress":[
              {"from":[{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"n%d"}}}],
              "ports":[{"port":80},{"port":443}]},{"from":[{"ipBlock":{"cidr":"10.0.0.0/8","except":
              ["10.1.0.0/17"]}}]}]}}\
              """
                  .formatted(i % 40, i, i / 40, (i + 1) % 40)));
    }
    for (int i = 0; i < 40_000; i++) {
      int to = random.nextInt(2000);
      many.add(
          Map.of(
              "from",
              "ip:10.1.%d.%d".formatted(random.nextInt(8), random.nextInt(250) + 1),
              "to",
              "n%d/p%d".formatted(to % 40, to),
              "ipFamily",
              "IPv4",
              "protocol",
              "TCP",
              "port",
              random.nextBoolean() ? 80 : 81));
    }
    report("2000 pods, 400 policies", many.size(), line("big", 0, objects, many));
  }

  private static void report(String what, int probes, String cases) throws IOException {
    long start = System.nanoTime();
    assertThat(answer(cases).lines().count()).isEqualTo(probes);
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf(
        "%s: %,.0f probes/s (%d in %.2f s)%n", what, probes / seconds, probes, seconds);
  }

  private static Map<String, Object> probe(Flow flow) {
    Map<String, Object> probe = new LinkedHashMap<>();
    probe.put("from", "ip:" + flow.source());
    probe.put("to", "ip:" + flow.destination());
    probe.put("ipFamily", flow.source().isIpv4() ? "IPv4" : "IPv6");
    if (flow.isIcmp()) {
      probe.put("protocol", "ICMP");
      probe.put("icmpType", flow.port() >> 8);
    } else {
      probe.put("protocol", flow.protocol());
      probe.put("port", flow.port());
    }
    return probe;
  }

  private static String line(
      String id, int step, List<JsonNode> objects, List<Map<String, Object>> probes)
      throws IOException {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("id", id);
    line.put("step", step);
    line.put("objects", objects);
    line.put("probes", probes);
    return JSON.writeValueAsString(line) + "\n";
  }

  private static String answer(String cases) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PolicyCases.answerCases(
        new ByteArrayInputStream(cases.getBytes(StandardCharsets.UTF_8)), out, _ -> {});
    return out.toString(StandardCharsets.UTF_8);
  }
}
