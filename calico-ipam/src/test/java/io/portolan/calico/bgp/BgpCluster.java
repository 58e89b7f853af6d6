package io.portolan.calico.bgp;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.portolan.calico.bgp.BgpSnapshot.Node;
import io.portolan.calico.bgp.BgpSnapshot.Pool;
import io.portolan.calico.bgp.BgpSnapshot.SecretKey;
import io.portolan.calico.bgp.BgpSnapshot.Service;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** A cluster with BGP in few words. */
public final class BgpCluster {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES, JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES)
          .build();

  private final List<Node> nodes = new ArrayList<>();
  private final List<BgpPeer> peers = new ArrayList<>();
  private final List<BgpFilter> filters = new ArrayList<>();
  private final List<Pool> pools = new ArrayList<>();
  private final List<Cidr> blocks = new ArrayList<>();
  private final List<IpAddress> borrowed = new ArrayList<>();
  private final List<Service> services = new ArrayList<>();
  private final Map<SecretKey, String> passwords = new HashMap<>();
  private final List<BgpProblem> rejected = new ArrayList<>();
  private BgpConfiguration configuration = BgpConfiguration.DEFAULT;

  public BgpCluster node(String name, Map<String, String> labels, String... addresses) {
    return node(name, labels, OptionalLong.empty(), Optional.empty(), addresses);
  }

  public BgpCluster reflector(String name, String clusterId, String... addresses) {
    return node(
        name,
        Map.of("reflector", "true"),
        OptionalLong.empty(),
        Optional.of(IpAddress.parse(clusterId)),
        addresses);
  }

  public BgpCluster node(
      String name,
      Map<String, String> labels,
      OptionalLong as,
      Optional<IpAddress> clusterId,
      String... addresses) {
    Map<IpFamily, IpAddress> byFamily = new EnumMap<>(IpFamily.class);
    for (String address : addresses) {
      IpAddress parsed = IpAddress.parse(address);
      byFamily.put(parsed.family(), parsed);
    }
    nodes.add(new Node(name, labels, byFamily, as, clusterId));
    return this;
  }

  public BgpCluster pool(String cidr, boolean exported, boolean tunnelled) {
    pools.add(new Pool(Cidr.parse(cidr), exported, tunnelled));
    return this;
  }

  public BgpCluster block(String cidr) {
    blocks.add(Cidr.parse(cidr));
    return this;
  }

  public BgpCluster borrowed(String address) {
    borrowed.add(IpAddress.parse(address));
    return this;
  }

  public BgpCluster service(Service service) {
    services.add(service);
    return this;
  }

  public BgpCluster password(String secret, String key, String password) {
    passwords.put(new SecretKey(secret, key), password);
    return this;
  }

  /**
   * A BGPPeer.
   *
   * @param spec JSON; quotation marks may be single or left out
   */
  public BgpCluster peer(String name, String spec) {
    take(BgpObjects.peer(object(name, spec)), peers);
    return this;
  }

  public BgpCluster filter(String name, String spec) {
    take(BgpObjects.filter(object(name, spec)), filters);
    return this;
  }

  public BgpCluster configuration(String spec) {
    List<BgpConfiguration> read = new ArrayList<>();
    take(BgpObjects.configuration(object("default", spec), JSON.missingNode()), read);
    configuration = read.isEmpty() ? configuration : read.getFirst();
    return this;
  }

  private <T> void take(BgpRead<T> read, List<T> usable) {
    switch (read) {
      case BgpRead.Usable<T>(T value) -> usable.add(value);
      case BgpRead.Rejected<T>(BgpProblem problem) -> rejected.add(problem);
    }
  }

  public static JsonNode object(String name, String spec) {
    try {
      return JSON.readTree("{metadata: {name: '" + name + "'}, spec: " + spec + "}");
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(spec, e);
    }
  }

  public BgpSnapshot seenFrom(String self) {
    return new BgpSnapshot(
        self, nodes, configuration, peers, filters, pools, blocks, borrowed, services, passwords);
  }

  /** The file and what is left out. */
  public String renderedFor(String self) {
    BirdConfiguration rendered = BirdRenderer.render(seenFrom(self));
    StringBuilder text = new StringBuilder(rendered.text());
    rejected.forEach(p -> text.append("! ").append(p).append('\n'));
    rendered.problems().forEach(p -> text.append("! ").append(p).append('\n'));
    return text.toString();
  }
}
