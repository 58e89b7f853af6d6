package io.portolan.calico.bgp;

import io.portolan.calico.bgp.BgpPeer.Remote;
import io.portolan.calico.bgp.BgpSnapshot.Node;
import io.portolan.calico.bgp.BgpSnapshot.SecretKey;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** From the objects to the sessions of one node. */
final class BgpSessions {
  private static final Pattern UNQUOTABLE = Pattern.compile("[\"\\p{Cntrl}]");

  private final BgpSnapshot snapshot;
  private final Node self;
  private final List<BgpProblem> problems;
  private final Map<String, BgpSession> sessions = new TreeMap<>();

  BgpSessions(BgpSnapshot snapshot, Node self, List<BgpProblem> problems) {
    this.snapshot = snapshot;
    this.self = self;
    this.problems = problems;
  }

  List<BgpSession> find() {
    mesh();
    snapshot.peers().stream().sorted(Comparator.comparing(BgpPeer::name)).forEach(this::peer);
    return List.copyOf(sessions.values());
  }

  private long asNumber(Node node) {
    return node.asNumber().orElse(snapshot.configuration().asNumber());
  }

  /** Route reflectors are no members, and nobody's. */
  private void mesh() {
    BgpConfiguration configuration = snapshot.configuration();
    if (!configuration.mesh() || self.clusterId().isPresent()) {
      return;
    }
    Optional<String> password = Optional.empty();
    if (configuration.meshPassword().isPresent()) {
      password = password("BGPConfiguration default", configuration.meshPassword().get());
      if (password.isEmpty()) {
        return;
      }
    }
    for (Node node : snapshot.nodes()) {
      if (node.name().equals(self.name()) || node.clusterId().isPresent()) {
        continue;
      }
      for (IpFamily family : IpFamily.values()) {
        IpAddress own = self.addresses().get(family);
        IpAddress other = node.addresses().get(family);
        if (own != null && other != null && !own.equals(other)) {
          add(
              new BgpSession(
                  protocol("mesh", other, OptionalInt.empty()),
                  "node " + node.name(),
                  Optional.of(own),
                  other,
                  configuration.listenPort(),
                  asNumber(self),
                  asNumber(node),
                  isPassive(own, other),
                  password,
                  configuration.meshRestartTime(),
                  OptionalInt.empty(),
                  0,
                  OptionalInt.empty(),
                  Optional.empty(),
                  BgpPeer.NextHop.AUTO,
                  List.of()));
        }
      }
    }
  }

  /** Of two nodes one calls the other, as Calico's do: the one with the later text. */
  private static boolean isPassive(IpAddress own, IpAddress other) {
    return other.toString().compareTo(own.toString()) > 0;
  }

  private void peer(BgpPeer peer) {
    switch (peer.remote()) {
      case Remote.Address address -> {
        if (peer.nodes().includes(self)) {
          address(peer, address);
        }
      }
      case Remote.Nodes nodes -> {
        boolean local = peer.nodes().includes(self);
        boolean reversed = nodes.reverse() && nodes.selector().matches(self.labels());
        for (Node node : snapshot.nodes()) {
          boolean there = local && nodes.selector().matches(node.labels());
          boolean back = reversed && peer.nodes().includes(node);
          if (!node.name().equals(self.name()) && (there || back)) {
            node(peer, node);
          }
        }
      }
    }
  }

  private void address(BgpPeer peer, Remote.Address remote) {
    IpAddress own = self.addresses().get(remote.address().family());
    if (own == null) {
      problems.add(
          new BgpProblem(
              "BGPPeer " + peer.name(),
              "node " + self.name() + " has no address of the family of " + remote.address()));
      return;
    }
    if (own.equals(remote.address())) {
      return;
    }
    Optional<Node> node =
        snapshot.nodes().stream()
            .filter(n -> n.addresses().containsValue(remote.address()))
            .findFirst();
    int port =
        remote
            .port()
            .orElse(
                node.isPresent() ? snapshot.configuration().listenPort() : BgpConfiguration.PORT);
    session(
        peer,
        protocol("peer", remote.address(), remote.port()),
        own,
        remote.address(),
        port,
        remote.asNumber(),
        node);
  }

  private void node(BgpPeer peer, Node node) {
    for (IpFamily family : IpFamily.values()) {
      IpAddress own = self.addresses().get(family);
      IpAddress other = node.addresses().get(family);
      if (own != null && other != null && !own.equals(other)) {
        session(
            peer,
            protocol("peer", other, OptionalInt.empty()),
            own,
            other,
            snapshot.configuration().listenPort(),
            asNumber(node),
            Optional.of(node));
      }
    }
  }

  private void session(
      BgpPeer peer,
      String protocol,
      IpAddress own,
      IpAddress other,
      int port,
      long peerAs,
      Optional<Node> node) {
    String origin = "BGPPeer " + peer.name();
    Optional<String> password = Optional.empty();
    if (peer.password().isPresent()) {
      password = password(origin, peer.password().get());
      if (password.isEmpty()) {
        return;
      }
    }
    long localAs = peer.localAs().orElse(asNumber(self));
    Optional<IpAddress> theirs = node.flatMap(Node::clusterId);
    boolean client =
        localAs == peerAs && self.clusterId().isPresent() && !self.clusterId().equals(theirs);
    add(
        new BgpSession(
            protocol,
            origin,
            peer.ownAddress() ? Optional.of(own) : Optional.empty(),
            other,
            port,
            localAs,
            peerAs,
            node.isPresent() && isPassive(own, other),
            password,
            peer.restartTime(),
            peer.keepalive(),
            peer.allowedOwnAs(),
            peer.hops(),
            client ? self.clusterId() : Optional.empty(),
            peer.nextHop(),
            filters(origin, peer.filters())));
  }

  private List<BgpFilter> filters(String origin, List<String> names) {
    List<BgpFilter> found = new ArrayList<>();
    for (String name : names) {
      Optional<BgpFilter> filter =
          snapshot.filters().stream().filter(f -> f.name().equals(name)).findFirst();
      if (filter.isPresent()) {
        found.add(filter.get());
      } else {
        problems.add(
            new BgpProblem(
                origin, "there is no usable BGPFilter " + name + ": the session goes without it"));
      }
    }
    return found;
  }

  /** Empty, with a problem, if there is none that can be used. */
  private Optional<String> password(String origin, SecretKey where) {
    String password = snapshot.passwords().get(where);
    if (password == null || password.isEmpty()) {
      problems.add(
          new BgpProblem(
              origin, where + " is not there: its sessions are not started without password"));
      return Optional.empty();
    }
    if (UNQUOTABLE.matcher(password).find()) {
      problems.add(
          new BgpProblem(
              origin,
              where + " has a quotation mark or a control character, which BIRD cannot take"));
      return Optional.empty();
    }
    return Optional.of(password);
  }

  /** One peer, one session: what BGPPeers say counts before the mesh, then the first by name. */
  private void add(BgpSession session) {
    Optional<BgpSession> other =
        sessions.values().stream()
            .filter(s -> s.peer().equals(session.peer()) && s.port() == session.port())
            .findFirst();
    if (other.isEmpty()) {
      sessions.put(session.protocol(), session);
    } else if (other.get().protocol().startsWith("mesh_")) {
      sessions.remove(other.get().protocol());
      sessions.put(session.protocol(), session);
    } else if (!other.get().origin().equals(session.origin())) {
      problems.add(
          new BgpProblem(
              session.origin(),
              session.peer() + " is a peer by " + other.get().origin() + " already"));
    }
  }

  private static String protocol(String kind, IpAddress address, OptionalInt port) {
    return kind
        + "_"
        + address.toString().replace('.', '_').replace(':', '_')
        + (port.isPresent() ? "_port_" + port.getAsInt() : "");
  }
}
