package io.portolan.policy.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.net.IpAddress;
import io.portolan.linux.conntrack.ConntrackSocket;
import io.portolan.linux.conntrack.FlowFilter;
import io.portolan.linux.packet.PacketProber;
import io.portolan.linux.packet.PacketProber.Attempt;
import io.portolan.linux.packet.Segment;
import io.portolan.linux.packet.Station;
import io.portolan.linux.route.MacAddress;
import io.portolan.linux.route.RouteSocket;
import io.portolan.policy.compile.NaiveCalico;
import io.portolan.policy.compile.NaiveEvaluator;
import io.portolan.policy.compile.NaiveModel;
import io.portolan.policy.compile.PolicyCompiler;
import io.portolan.policy.compile.RandomCalico;
import io.portolan.policy.compile.RandomCluster;
import io.portolan.policy.compile.RandomModel;
import io.portolan.policy.compile.Removals;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.nft.DesiredTable;
import io.portolan.policy.nft.Flow;
import io.portolan.policy.nft.FlowWalk;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/**
 * First packets of connections of every protocol that policies can speak of, on hundreds of random
 * clusters: the text of the API, the compiled form and the kernel say the same.
 *
 * <p>The hosts stay, as an address is on the same one in every cluster. The agent goes from cluster
 * to cluster by their difference, and now and then a new one takes over what is in the kernel.
 */
class EveryProtocolPacketsNetnsIT {
  private static final MacAddress NODE = MacAddress.parse("ee:ee:ee:ee:ee:ee");
  private static final int HOSTS = 9;
  private static final int CLUSTERS = 110;
  private static final int RESTART_EVERY = 30;
  private static final int EPHEMERAL = 40_000;

  /** Requests, which begin a connection; of both families. */
  private static final int[] REQUESTS = {8, 13, 15, 17};

  private static final int[] REQUESTS_V6 = {128, 139};
  private static final int[] OTHERS = {47, 50, 89, 103};

  private final long seed = Long.getLong("portolan.seed", System.nanoTime());
  private final TreeMap<String, Integer> seen = new TreeMap<>();
  private final RecordingObserver observer = new RecordingObserver();
  private List<ClusterChange> present = List.of();

  /** What a cluster's node is told, and who may reach whom. */
  private record Round(
      String text, List<ClusterChange> changes, List<Flow> flows, Predicate<Flow> allowed) {}

  private interface Draw {
    Round round(Random random) throws Exception;
  }

  @Test
  void textCompiledFormAndKernelAgree() throws Exception {
    List<Draw> draws =
        List.of(
            random -> {
              RandomCluster cluster =
                  random.nextBoolean()
                      ? RandomCluster.draw(random)
                      : RandomCluster.drawTiered(random);
              NaiveEvaluator text = new NaiveEvaluator(cluster);
              return new Round(
                  cluster.toString(), cluster.changes(), cluster.flows(random), text::allows);
            },
            random -> {
              RandomCluster cluster = RandomCluster.draw(random).withoutPolicies();
              RandomModel tiers = RandomModel.draw(random);
              NaiveModel text = new NaiveModel(cluster, tiers);
              List<ClusterChange> changes = new ArrayList<>(cluster.changes());
              changes.addAll(tiers.changes());
              return new Round(cluster + " " + tiers, changes, cluster.flows(random), text::allows);
            },
            random -> {
              RandomCalico calico = RandomCalico.draw(random);
              NaiveCalico text = new NaiveCalico(calico);
              return new Round(
                  calico.toString(), calico.changes(), calico.flows(random), text::allows);
            });
    try (NetworkLab lab = new NetworkLab();
        ConntrackSocket conntrack = ConntrackSocket.openIn(lab.node());
        PacketProber prober = new PacketProber(() -> conntrack.delete(FlowFilter.ALL))) {
      Map<IpAddress, Station> stations = stations(lab);
      Enforcer enforcer = restarted(lab);
      for (int i = 0; i < CLUSTERS * draws.size(); i++) {
        Random random = new Random(seed + i);
        Round round = draws.get(i % draws.size()).round(random);
        if (i % RESTART_EVERY == RESTART_EVERY - 1) {
          enforcer = restarted(lab);
        }
        Removals.between(present, round.changes()).forEach(enforcer::apply);
        round.changes().forEach(enforcer::apply);
        present = round.changes();
        enforcer.synced();
        enforcer.commit();
        assertThat(observer.take())
            .as("seed %d", seed + i)
            .noneMatch(line -> line.startsWith("failed"));
        compare(lab, prober, stations, round, random, seed + i);
        enforcer.proveGeneration();
      }
      assertThat(prober.late()).isZero();
    }
    System.out.println("seed " + seed + ": " + CLUSTERS * draws.size() + " clusters, " + seen);
    for (String protocol : List.of("tcp", "udp", "sctp", "icmp", "icmpv6", "other")) {
      for (String verdict : List.of("allowed", "denied")) {
        assertThat(seen.getOrDefault(protocol + " " + verdict, 0))
            .as("seed %d: %s %s", seed, protocol, verdict)
            .isGreaterThan(100);
      }
    }
  }

  /** Knows nothing of what its predecessor was told. */
  private Enforcer restarted(NetworkLab lab) {
    Enforcer enforcer = new Enforcer(lab.tables(), () -> {}, observer, InstantSource.system());
    enforcer.start();
    present = List.of();
    return enforcer;
  }

  private void compare(
      NetworkLab lab,
      PacketProber prober,
      Map<IpAddress, Station> stations,
      Round round,
      Random random,
      long seed) {
    List<Flow> flows =
        round.flows().stream()
            .filter(flow -> flow.addressed().equals(flow.destination()))
            .filter(f -> stations.containsKey(f.source()) && stations.containsKey(f.destination()))
            // What a host sends to itself never leaves it.
            .filter(f -> !Objects.equals(stations.get(f.source()), stations.get(f.destination())))
            .map(f -> beginning(f, random))
            .distinct()
            .toList();
    BitSet arrived = prober.arrivals(flows.stream().map(f -> attempt(f, stations)).toList());
    FlowWalk compiled = compiled(round);
    Map<String, String> expected = new TreeMap<>();
    Map<String, String> actual = new TreeMap<>();
    for (int i = 0; i < flows.size(); i++) {
      Flow flow = flows.get(i);
      boolean allowed = round.allowed().test(flow);
      expected.put(flow.toString(), allowed + " " + allowed);
      actual.put(flow.toString(), compiled.allows(flow) + " " + arrived.get(i));
      seen.merge(protocol(flow) + (allowed ? " allowed" : " denied"), 1, Integer::sum);
    }
    if (!actual.equals(expected)) {
      assertThat(actual)
          .as("seed %d: %s\n%s", seed, round.text(), lab.nft("list", "ruleset"))
          .isEqualTo(expected);
    }
  }

  private static FlowWalk compiled(Round round) {
    DesiredTable table = new DesiredTable();
    PolicyCompiler compiler = new PolicyCompiler(table);
    round.changes().forEach(compiler::apply);
    compiler.settle();
    return new FlowWalk(table.image());
  }

  /** The flow, or in place of ICMP a request of some kind, or another protocol. */
  private static Flow beginning(Flow flow, Random random) {
    if (flow.isIcmp()) {
      int[] requests = flow.source().isIpv4() ? REQUESTS : REQUESTS_V6;
      int type = requests[random.nextInt(2) * random.nextInt(requests.length)];
      return new Flow(
          flow.source(), flow.destination(), flow.protocol(), 0, type << 8 | random.nextInt(2));
    }
    return random.nextInt(8) == 0
        ? new Flow(flow.source(), flow.destination(), OTHERS[random.nextInt(OTHERS.length)], 0, 0)
        : new Flow(
            flow.source(),
            flow.destination(),
            flow.protocol(),
            flow.sourcePort() == 0 ? EPHEMERAL : flow.sourcePort(),
            flow.port());
  }

  private static Attempt attempt(Flow flow, Map<IpAddress, Station> stations) {
    Segment segment =
        flow.isIcmp()
            ? new Segment.Icmp(!flow.source().isIpv4(), flow.port() >> 8, flow.port() & 0xff, 0)
            : switch (flow.protocol()) {
              case Segment.TCP -> new Segment.TcpSyn(flow.sourcePort(), flow.port());
              case Segment.UDP -> new Segment.Udp(flow.sourcePort(), flow.port());
              case Segment.SCTP -> new Segment.SctpInit(flow.sourcePort(), flow.port());
              default -> new Segment.Other(flow.protocol());
            };
    return new Attempt(
        Objects.requireNonNull(stations.get(flow.source())),
        Objects.requireNonNull(stations.get(flow.destination())),
        flow.source().toInetAddress(),
        flow.destination().toInetAddress(),
        segment);
  }

  private static String protocol(Flow flow) {
    return switch (flow.protocol()) {
      case Segment.TCP -> "tcp";
      case Segment.UDP -> "udp";
      case Segment.SCTP -> "sctp";
      case Segment.ICMP -> "icmp";
      case Segment.ICMPV6 -> "icmpv6";
      default -> "other";
    };
  }

  /** Hosts with all addresses that the pods of a random cluster may have, and one outside. */
  private static Map<IpAddress, Station> stations(NetworkLab lab) {
    Map<IpAddress, Station> stations = new HashMap<>();
    for (int i = 1; i <= HOSTS; i++) {
      attach(
          lab,
          "host" + i,
          List.of(IpAddress.parse("10.0.0." + i), IpAddress.parse("fd00::" + i)),
          stations);
    }
    attach(
        lab,
        "uplink",
        List.of(
            IpAddress.parse("192.0.2.7"),
            IpAddress.parse("192.0.2.9"),
            IpAddress.parse("10.0.9.9"),
            IpAddress.parse("2001:db8::7")),
        stations);
    return stations;
  }

  private static void attach(
      NetworkLab lab, String link, List<IpAddress> addresses, Map<IpAddress, Station> stations) {
    Host host = lab.attach(link, addresses);
    try (RouteSocket routes = RouteSocket.openIn(host.namespace())) {
      Station station =
          Station.onLink(host.namespace(), routes.link("eth0").orElseThrow().index(), NODE);
      lab.atEnd(station::close);
      addresses.forEach(address -> stations.put(address, station));
    }
  }
}
