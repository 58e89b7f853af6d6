package io.portolan.policy.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.net.IpAddress;
import io.portolan.linux.conntrack.ConntrackSocket;
import io.portolan.linux.conntrack.FlowFilter;
import io.portolan.linux.packet.PacketProber;
import io.portolan.linux.packet.Segment;
import io.portolan.linux.packet.Station;
import io.portolan.linux.route.MacAddress;
import io.portolan.linux.route.RouteSocket;
import io.portolan.policy.compile.NaiveHosts;
import io.portolan.policy.compile.RandomHosts;
import io.portolan.policy.compile.RandomHosts.HostFlow;
import io.portolan.policy.compile.RandomHosts.Way;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.nft.Flow;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Real packets at the interfaces of a node against Calico's text, on random clusters. */
class HostPacketsNetnsIT {
  private static final MacAddress ROUTER = MacAddress.parse("ee:ee:ee:ee:ee:ee");
  private static final List<String> LINKS = List.of("eth0", "eth1", "eth2");

  /** Connections from ports from here on are addressed to a service; what is added says whose. */
  private static final int TO_SERVICE = 41_000;

  private final long seed = Long.getLong("portolan.seed", System.nanoTime());

  @Test
  void packetsPassExactlyWhereTheTextLetsThem() throws Exception {
    int probes;
    Map<Way, Integer> denied = new TreeMap<>();
    AtomicReference<Runnable> forget = new AtomicReference<>(() -> {});
    try (PacketProber prober = new PacketProber(() -> forget.get().run())) {
      probes = compare(prober, forget, denied);
    }
    System.out.println("seed " + seed + ": " + probes + " packets, denied " + denied);
    assertThat(covers(denied)).as(denied.toString()).isTrue();
  }

  private static boolean covers(Map<Way, Integer> denied) {
    return denied.size() == 3 && denied.values().stream().allMatch(count -> count > 20);
  }

  private int compare(
      PacketProber prober, AtomicReference<Runnable> forget, Map<Way, Integer> denied)
      throws Exception {
    int probes = 0;
    // As long as it takes to have met denial on every way, which some draws rarely do.
    for (int i = 0; i < 40 || (i < 200 && !covers(denied)); i++) {
      Random random = new Random(seed + i);
      RandomHosts hosts = RandomHosts.draw(random);
      NaiveHosts text = new NaiveHosts(hosts);
      boolean untracked = hosts.toString().contains("\"doNotTrack\":true");
      try (NetworkLab lab = new NetworkLab();
          Wiring wiring = new Wiring(lab, hosts.hostFlows(random))) {
        Enforcer enforcer =
            new Enforcer(lab.tables(), () -> {}, new RecordingObserver(), InstantSource.system());
        enforcer.start();
        for (ClusterChange change : hosts.changes()) {
          // Pods are judged elsewhere.
          if (!(change instanceof ClusterChange.PodWired)
              && !(change instanceof ClusterChange.ThisNode)) {
            enforcer.apply(change);
          }
        }
        try (KernelInterfaces interfaces = KernelInterfaces.openIn(lab.node())) {
          enforcer.apply(new ClusterChange.ThisNode(RandomHosts.NODE, interfaces.addresses()));
        }
        enforcer.synced();
        assertThat(enforcer.commit()).isTrue();
        Map<String, Boolean> expected = new LinkedHashMap<>();
        List<PacketProber.Attempt> attempts = new ArrayList<>();
        for (HostFlow flow : wiring.flows()) {
          NaiveHosts.Outcome outcome = text.outcome(flow);
          boolean translated = !flow.flow().addressed().equals(flow.flow().destination());
          if (outcome.untracked() && (translated || flow.way() == Way.THROUGH)) {
            // Goes elsewhere, or is judged by others as well.
            continue;
          }
          if (translated && flow.way() == Way.OUT && untracked) {
            // Before it is redirected the kernel has it leave by another interface, and such
            // policies are those of that one; the text speaks of the one it leaves by.
            continue;
          }
          if (expected.put(flow.toString(), outcome.allowed()) == null) {
            attempts.add(wiring.attempt(flow));
            if (!outcome.allowed()) {
              denied.merge(flow.way(), 1, Integer::sum);
            }
          }
        }
        forget.set(wiring::forget);
        BitSet arrived = prober.arrivals(attempts);
        Map<String, Boolean> found = new LinkedHashMap<>();
        int index = 0;
        for (String flow : expected.keySet()) {
          found.put(flow, arrived.get(index++));
        }
        assertThat(found)
            .as("seed %d: %s\n%s", seed + i, hosts, lab.nft("list", "ruleset"))
            .isEqualTo(expected);
        assertThat(lab.nft("-j", "list", "ruleset")).contains("portolan");
        probes += attempts.size();
      }
    }
    return probes;
  }

  /** The node with its three interfaces, and the machines behind them. */
  private static final class Wiring implements AutoCloseable {
    private final Map<String, Station> stations = new HashMap<>();
    private final Station machine;
    private final ConntrackSocket conntrack;
    private final List<HostFlow> flows = new ArrayList<>();

    Wiring(NetworkLab lab, List<HostFlow> drawn) throws Exception {
      StringBuilder script = new StringBuilder("set -e\n");
      for (String link : LINKS) {
        Host host = lab.attach(link, List.of());
        try (RouteSocket inside = RouteSocket.openIn(host.namespace())) {
          stations.put(
              link,
              Station.onLink(host.namespace(), inside.link("eth0").orElseThrow().index(), ROUTER));
        }
        script
            .append("sysctl -q -w net.ipv4.conf.")
            .append(link)
            .append(".rp_filter=0 net.ipv4.conf.")
            .append(link)
            .append(".send_redirects=0\n");
        RandomHosts.INTERFACES
            .getOrDefault(link, List.of())
            .forEach(address ->
                script
                    .append("ip addr add ")
                    .append(address.toCidr())
                    .append(" dev ")
                    .append(link)
                    .append(address.isIpv4() ? "\n" : " nodad\n"));
      }
      script.append(
          "sysctl -q -w net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.all.send_redirects=0\n");
      List<IpAddress> translated = new ArrayList<>();
      for (HostFlow flow : drawn) {
        Flow inner = flow.flow();
        boolean ports = List.of(6, 17, 132).contains(inner.protocol());
        boolean toService = !inner.addressed().equals(inner.destination());
        if (!ports
            || inner.source().equals(inner.destination())
            || inner.source().equals(inner.addressed())
            // A redirect (RFC 4861, 4.5) would bring the packet back whatever becomes of it.
            || (flow.way() == Way.THROUGH
                && link(inner.source()).equals(link(inner.destination())))) {
          continue;
        }
        if (toService && !translated.contains(inner.destination())) {
          translated.add(inner.destination());
        }
        Flow placed =
            new Flow(
                inner.source(),
                inner.destination(),
                inner.addressed(),
                inner.protocol(),
                toService
                    ? TO_SERVICE + translated.indexOf(inner.destination())
                    : inner.sourcePort(),
                inner.port());
        flows.add(
            new HostFlow(
                flow.way(),
                flow.way() == Way.OUT ? "" : link(inner.source()),
                flow.way() == Way.IN ? "" : link(inner.destination()),
                placed));
        for (IpAddress address : List.of(inner.source(), inner.destination(), inner.addressed())) {
          if (RandomHosts.INTERFACES.values().stream().noneMatch(own -> own.contains(address))) {
            String six = address.isIpv4() ? "" : "-6 ";
            script
                .append("ip ")
                .append(six)
                .append("route replace ")
                .append(address.toCidr())
                .append(" dev ")
                .append(link(address))
                .append("\nip neigh replace ")
                .append(address)
                .append(" lladdr 02:00:00:00:00:0")
                .append(1 + LINKS.indexOf(link(address)))
                .append(" dev ")
                .append(link(address))
                .append(" nud permanent\n");
          }
        }
      }
      script.append("nft -f - <<EOF\ntable ip svc {\n");
      for (String hook : List.of("prerouting", "output")) {
        script
            .append("chain ")
            .append(hook)
            .append(" { type nat hook ")
            .append(hook)
            .append(" priority -100;\n");
        for (int i = 0; i < translated.size(); i++) {
          script
              .append("ip daddr 10.0.0.3 meta l4proto { tcp, udp, sctp } th sport ")
              .append(TO_SERVICE + i)
              .append(" dnat to ")
              .append(translated.get(i))
              .append("\n");
        }
        script.append("}\n");
      }
      script.append("}\nEOF\n");
      NetworkLab.run(lab.node(), "sh", "-c", script.toString());
      machine = Station.machine(lab.node());
      conntrack = ConntrackSocket.openIn(lab.node());
    }

    List<HostFlow> flows() {
      return flows;
    }

    PacketProber.Attempt attempt(HostFlow flow) {
      Flow inner = flow.flow();
      return new PacketProber.Attempt(
          flow.way() == Way.OUT ? machine : station(flow.in()),
          flow.way() == Way.IN ? machine : station(flow.out()),
          inner.source().toInetAddress(),
          inner.addressed().toInetAddress(),
          switch (inner.protocol()) {
            case 6 -> new Segment.TcpSyn(inner.sourcePort(), inner.port());
            case 17 -> new Segment.Udp(inner.sourcePort(), inner.port());
            default -> new Segment.SctpInit(inner.sourcePort(), inner.port());
          });
    }

    void forget() {
      conntrack.delete(FlowFilter.ALL);
    }

    private Station station(String link) {
      return Objects.requireNonNull(stations.get(link));
    }

    private static String link(IpAddress address) {
      return LINKS.get(Math.floorMod(address.hashCode(), LINKS.size()));
    }

    @Override
    public void close() throws Exception {
      machine.close();
      for (Station station : stations.values()) {
        station.close();
      }
      conntrack.close();
    }
  }
}
