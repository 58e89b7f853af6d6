package io.portolan.calico.ipam;

import io.portolan.calico.model.IpPool;
import io.portolan.common.net.IpFamily;
import io.portolan.common.select.expression.ExpressionParser;
import io.portolan.common.select.expression.Parsed;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which pools an address may be taken from, and in which order. Pure. */
public final class PoolSelection {
  private PoolSelection() {}

  /**
   * Who asks.
   *
   * @param requested names or CIDRs of pools, in order of preference; they count whatever their
   *     selectors say. Empty for the pools that select the node and the namespace
   * @param node labels of the node
   * @param namespace labels of the pod's namespace; empty for an address that no pod has, as if it
   *     had none
   */
  public record Request(
      IpFamily family,
      IpPool.Use use,
      List<String> requested,
      Map<String, String> node,
      Optional<Map<String, String>> namespace) {
    public Request {
      requested = List.copyOf(requested);
    }
  }

  /** Pools, or why there are none. */
  public sealed interface Outcome {
    /** In the order in which they are to be tried. */
    record Pools(List<IpPool> pools) implements Outcome {}

    /**
     * @param reason in a sentence, with the way out
     */
    record Refused(String reason) implements Outcome {}
  }

  /** The pools for a request. */
  public static Outcome select(Request request, Collection<IpPool> all) {
    List<IpPool> ofFamily =
        all.stream()
            .filter(pool -> pool.cidr().family() == request.family())
            .sorted(Comparator.comparing(IpPool::name))
            .toList();
    List<IpPool> chosen = new ArrayList<>();
    if (request.requested().isEmpty()) {
      ofFamily.stream()
          .filter(IpPool::isEnabled)
          .filter(IpPool::automatic)
          .filter(pool -> selectsNode(pool, request.node()))
          .filter(pool -> selectsNamespace(pool, request.namespace()))
          .forEach(chosen::add);
    }
    for (String wanted : request.requested()) {
      Optional<IpPool> pool =
          ofFamily.stream()
              .filter(p -> p.name().equals(wanted) || p.cidr().toString().equals(wanted))
              .findFirst();
      if (pool.filter(IpPool::isEnabled).isEmpty()) {
        return new Outcome.Refused(
            "the pool '"
                + wanted
                + "' that was asked for "
                + pool.map(PoolSelection::whyDisabled)
                    .orElse("does not exist as a pool of " + text(request.family())));
      }
      chosen.add(pool.get());
    }
    List<IpPool> usable =
        chosen.stream().filter(pool -> pool.uses().contains(request.use())).toList();
    return usable.isEmpty()
        ? new Outcome.Refused(reason(request, ofFamily, chosen))
        : new Outcome.Pools(usable);
  }

  private static String reason(Request request, List<IpPool> ofFamily, List<IpPool> chosen) {
    String way = "; create an IPPool or change one, see 'portolan ipam show'";
    if (!chosen.isEmpty()) {
      return "no pool of " + chosen + " allows the use " + request.use().text() + way;
    }
    if (ofFamily.isEmpty()) {
      return "there is no IPPool of " + text(request.family()) + way;
    }
    return "none of the pools "
        + ofFamily
        + " is enabled, automatic, and selects this node and the pod's namespace"
        + way;
  }

  private static String whyDisabled(IpPool pool) {
    if (pool.disabled()) {
      return "is disabled";
    }
    return pool.terminating() ? "is being deleted" : "overlaps another pool and is not allocatable";
  }

  private static String text(IpFamily family) {
    return family == IpFamily.IPV4 ? "IPv4" : "IPv6";
  }

  /** Whether a node with these labels takes from the pool unasked. */
  public static boolean selectsNode(IpPool pool, Map<String, String> labels) {
    return matches(pool.nodeSelector(), labels);
  }

  private static boolean selectsNamespace(IpPool pool, Optional<Map<String, String>> labels) {
    return pool.namespaceSelector().isEmpty()
        || matches(pool.namespaceSelector(), labels.orElse(Map.of()));
  }

  /** A selector that is no selector selects nothing. */
  private static boolean matches(String selector, Map<String, String> labels) {
    return switch (ExpressionParser.parse(selector)) {
      case Parsed.Valid valid -> valid.expression().matches(labels);
      case Parsed.Invalid _ -> false;
    };
  }
}
