package io.portolan.calico.bgp;

import io.portolan.calico.bgp.BgpSnapshot.Node;
import io.portolan.calico.bgp.BgpSnapshot.Pool;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.zip.CRC32;

/** Writes BIRD 2's configuration for one node. Pure: the same snapshot gives the same bytes. */
public final class BirdRenderer {
  /** In seconds: how long a restarted BIRD waits for its peers before it cleans the kernel. */
  private static final int RECOVERY = 120;

  private static final int NORMAL_PRIORITY = 1024;

  private final BgpSnapshot snapshot;
  private final List<String> lines = new ArrayList<>();
  private final List<BgpProblem> problems = new ArrayList<>();

  private BirdRenderer(BgpSnapshot snapshot) {
    this.snapshot = snapshot;
  }

  public static BirdConfiguration render(BgpSnapshot snapshot) {
    return new BirdRenderer(snapshot).render();
  }

  private BirdConfiguration render() {
    Node self =
        snapshot.nodes().stream()
            .filter(n -> n.name().equals(snapshot.self()))
            .findFirst()
            .orElse(
                new Node(
                    snapshot.self(), Map.of(), Map.of(), OptionalLong.empty(), Optional.empty()));
    if (self.addresses().isEmpty()) {
      problems.add(
          new BgpProblem(
              "node " + self.name(), "it has no address: there are no BGP sessions before it has"));
    }
    List<BgpSession> sessions = new BgpSessions(snapshot, self, problems).find();
    boolean excluded = self.labels().containsKey(ServiceRoutes.EXCLUDED);
    SequencedSet<Cidr> services =
        excluded
            ? new TreeSet<>()
            : ServiceRoutes.of(snapshot.configuration(), snapshot.services());
    head(self);
    for (IpFamily family : IpFamily.values()) {
      kernel(family);
      announcements(family, services);
      export(family, self);
      filters(family, sessions);
    }
    sessions.forEach(this::session);
    Map<String, String> origins = new LinkedHashMap<>();
    sessions.forEach(s -> origins.put(s.protocol(), s.origin() + " (" + s.peer() + ")"));
    return new BirdConfiguration(String.join("\n", lines) + "\n", origins, problems);
  }

  private void head(Node self) {
    line("# Written by portolan-agent; changes are overwritten.");
    line("log stderr { warning, error, fatal, bug, auth };");
    line("router id %s;".formatted(routerId(self)));
    line("graceful restart wait %d;".formatted(RECOVERY));
    line("");
    line("protocol device { scan time 2; }");
    line("protocol direct {");
    line("  ipv4;");
    line("  ipv6;");
    String ignored =
        snapshot.configuration().ignoredInterfaces().stream()
            .map(i -> "-\"" + i + "\", ")
            .collect(Collectors.joining());
    // Pods are announced by block; addresses of Services that kube-proxy puts on a device are not.
    line(
        ("  interface %s-\"cali*\", -\"eni*\", -\"kube-ipvs*\", -\"vxlan*.calico\", -\"tunl0\","
                + " \"*\";")
            .formatted(ignored));
    line("}");
  }

  /** The IPv4 address, or where there is none a number made of the name. */
  private static String routerId(Node self) {
    IpAddress address = self.addresses().get(IpFamily.IPV4);
    if (address != null) {
      return address.toString();
    }
    CRC32 sum = new CRC32();
    sum.update(self.name().getBytes(StandardCharsets.UTF_8));
    return new IpAddress(IpFamily.IPV4, 0, sum.getValue() | 1).toString();
  }

  private static String digit(IpFamily family) {
    return family == IpFamily.IPV4 ? "4" : "6";
  }

  private void kernel(IpFamily family) {
    String n = digit(family);
    line("");
    line("filter from_kernel%s {".formatted(n));
    // What is in pools is known from the objects; the rest says how next hops are reached.
    for (Pool pool : pools(family)) {
      line("  if net ~ %s then reject;".formatted(pool.cidr()));
    }
    line("  accept;");
    line("}");
    line("filter to_kernel%s {".formatted(n));
    line("  if proto = \"reachable%s\" then accept;".formatted(n));
    line("  if source != RTS_BGP then reject;");
    for (Pool pool : pools(family)) {
      if (pool.tunnelled() || !snapshot.configuration().programsRoutes()) {
        line("  if net ~ %s then reject;".formatted(pool.cidr()));
      }
    }
    for (Cidr cidr : serviceBlocks(family)) {
      line("  if net ~ %s then reject;".formatted(cidr));
    }
    line("  krt_metric = %d;".formatted(NORMAL_PRIORITY));
    line(
        "  if bgp_local_pref > %d then krt_metric = %d - bgp_local_pref;"
            .formatted(FilterText.PREFERENCE_BASE / 2, FilterText.PREFERENCE_BASE));
    line("  accept;");
    line("}");
    line("protocol kernel kernel%s {".formatted(n));
    line("  learn;");
    line("  persist;");
    line("  scan time 10;");
    line("  metric 0;");
    line("  merge paths on;");
    line("  graceful restart on;");
    line("  ipv%s { import filter from_kernel%s; export filter to_kernel%s; };".formatted(n, n, n));
    line("}");
  }

  private List<Pool> pools(IpFamily family) {
    return snapshot.pools().stream()
        .filter(p -> p.cidr().family() == family)
        .sorted(Comparator.comparing(Pool::cidr))
        .toList();
  }

  private List<Cidr> serviceBlocks(IpFamily family) {
    BgpConfiguration configuration = snapshot.configuration();
    TreeSet<Cidr> all = new TreeSet<>(configuration.clusterIps());
    all.addAll(configuration.externalIps());
    all.addAll(configuration.loadBalancerIps());
    return all.stream().filter(c -> c.family() == family).toList();
  }

  private void announcements(IpFamily family, SequencedSet<Cidr> services) {
    String n = digit(family);
    TreeSet<Cidr> routes = new TreeSet<>(snapshot.blocks());
    snapshot.borrowed().forEach(a -> routes.add(a.toCidr()));
    routes.addAll(services);
    routes.removeIf(c -> c.family() != family);
    if (!routes.isEmpty()) {
      line("protocol static announced%s {".formatted(n));
      line("  ipv%s;".formatted(n));
      routes.forEach(c -> line("  route %s blackhole;".formatted(c)));
      line("}");
    }
    TreeSet<String> gateways = new TreeSet<>();
    for (BgpPeer peer : snapshot.peers()) {
      if (peer.remote() instanceof BgpPeer.Remote.Address(IpAddress address, var _, var _)
          && address.family() == family
          && peer.reachableBy().isPresent()) {
        gateways.add("  route " + address.toCidr() + " via " + peer.reachableBy().get() + ";");
      }
    }
    if (!gateways.isEmpty()) {
      line("protocol static reachable%s {".formatted(n));
      line("  ipv%s;".formatted(n));
      gateways.forEach(this::line);
      line("}");
    }
  }

  private void export(IpFamily family, Node self) {
    String n = digit(family);
    line("function to_peers%s()".formatted(n));
    line("{");
    for (Pool pool : pools(family)) {
      if (!pool.exported()) {
        line("  if net ~ %s then reject;".formatted(pool.cidr()));
      }
    }
    for (BgpConfiguration.Communities communities : snapshot.configuration().communities()) {
      if (communities.cidr().family() == family) {
        line(
            "  if net ~ %s then { %s }"
                .formatted(
                    communities.cidr(),
                    communities.values().stream()
                        .map(FilterText::add)
                        .collect(Collectors.joining(" "))));
      }
    }
    line("  if proto = \"announced%s\" then accept;".formatted(n));
    // An own block stands for all in it.
    for (Cidr block : snapshot.blocks()) {
      if (block.family() == family) {
        line("  if net ~ %s then reject;".formatted(block));
      }
    }
    if (self.clusterId().isPresent()) {
      TreeSet<Cidr> reflected = new TreeSet<>(snapshot.configuration().externalIps());
      reflected.addAll(snapshot.configuration().loadBalancerIps());
      reflected.addAll(snapshot.configuration().clusterIps());
      reflected.stream()
          .filter(c -> c.family() == family)
          .forEach(c -> line("  if net ~ %s then accept;".formatted(c)));
    }
    for (Pool pool : pools(family)) {
      if (pool.exported()) {
        line("  if net ~ %s then accept;".formatted(pool.cidr()));
      }
    }
    line("  reject;");
    line("}");
  }

  private void filters(IpFamily family, List<BgpSession> sessions) {
    Map<String, BgpFilter> used = new TreeMap<>();
    for (BgpSession session : sessions) {
      if (session.peer().family() == family) {
        session.filters().forEach(f -> used.put(f.name(), f));
      }
    }
    for (BgpFilter filter : used.values()) {
      for (boolean export : new boolean[] {false, true}) {
        if (!filter.rules(export, family).isEmpty()) {
          FilterText.function(filter, export, family).forEach(this::line);
        }
      }
    }
  }

  private void session(BgpSession session) {
    IpFamily family = session.peer().family();
    String n = digit(family);
    line("");
    line("# %s".formatted(session.origin()));
    line("protocol bgp %s {".formatted(session.protocol()));
    String source = session.source().map(a -> a + " ").orElse("");
    line("  local %sport %d as %d;".formatted(source, localPort(), session.localAs()));
    line(
        "  neighbor %s port %d as %d;".formatted(session.peer(), session.port(), session.peerAs()));
    if (session.hops().isPresent()) {
      line("  multihop %d;".formatted(session.hops().getAsInt()));
      line("  ttl security on;");
    } else {
      line("  multihop;");
    }
    if (snapshot.configuration().bindsNodeAddress() && session.source().isPresent()) {
      line("  strict bind on;");
    }
    if (session.passive()) {
      line("  passive on;");
    }
    session.password().ifPresent(p -> line("  password \"%s\";".formatted(p)));
    line("  connect delay time 2;");
    line("  connect retry time 5;");
    line("  error wait time 5, 30;");
    session.keepalive().ifPresent(k -> line("  keepalive time %d;".formatted(k)));
    line("  graceful restart on;");
    session.restartTime().ifPresent(t -> line("  graceful restart time %d;".formatted(t)));
    if (session.allowedOwnAs() > 0) {
      line("  allow local as %d;".formatted(session.allowedOwnAs()));
    }
    session
        .clusterId()
        .ifPresent(id -> {
          line("  rr client;");
          line("  rr cluster id %s;".formatted(id));
        });
    line("  ipv%s {".formatted(n));
    line("    add paths on;");
    line("    gateway recursive;");
    nextHop(session).ifPresent(h -> line("    next hop %s;".formatted(h)));
    line("    import filter {%s accept; };".formatted(calls(session, false, family)));
    line("    export filter {");
    line(
        "      if source != RTS_BGP then bgp_local_pref = %d;"
            .formatted(FilterText.PREFERENCE_BASE - NORMAL_PRIORITY));
    line("     %s to_peers%s();".formatted(calls(session, true, family), n));
    line("      reject;");
    line("    };");
    line("  };");
    line("}");
  }

  private int localPort() {
    return snapshot.configuration().listenPort();
  }

  private static Optional<String> nextHop(BgpSession session) {
    return switch (session.nextHop()) {
      case AUTO -> Optional.empty();
      case SELF -> Optional.of("self");
      case KEEP -> Optional.of("keep");
      case KEEP_EXTERNAL -> session.isInternal() ? Optional.empty() : Optional.of("keep");
    };
  }

  private static String calls(BgpSession session, boolean export, IpFamily family) {
    return session.filters().stream()
        .filter(f -> !f.rules(export, family).isEmpty())
        .map(f -> " " + FilterText.call(f, export, family, session.isInternal()))
        .collect(Collectors.joining());
  }

  private void line(String text) {
    lines.add(text);
  }
}
