package io.portolan.policy.reports;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.metrics.HealthServer;
import io.portolan.common.metrics.Meters;
import io.portolan.common.metrics.PolicyPackets;
import io.portolan.linux.netlink.NetlinkException;
import io.portolan.linux.nft.NftCount;
import io.portolan.linux.nft.NftListing.ListedCounter;
import io.portolan.policy.compile.Counted;
import io.portolan.policy.compile.ReportNames;
import io.portolan.policy.model.PolicyId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What policies did to packets, by the kernel's named counters. They begin at zero when a policy
 * comes to have a pod on this node, and go with it.
 *
 * <p>Any thread may ask.
 */
public final class PolicyCounts {
  private static final Logger LOG = LoggerFactory.getLogger(PolicyCounts.class);

  /** Rows of the metrics; what is counted beyond them is added up as {@code other}. */
  static final int MOST_ROWS = 400;

  private static final Comparator<Row> BUSIEST =
      Comparator.comparingLong((Row row) -> row.count().packets()).reversed();

  private final CounterSource source;
  private final ReportNames names;
  private List<Row> last = List.of();

  /** The kernel's counters. */
  public interface CounterSource {
    List<ListedCounter> read();
  }

  /** What one counter stands for, and what it has counted. */
  public record Row(Counted counted, NftCount count) {}

  public PolicyCounts(CounterSource source, ReportNames names) {
    this.source = source;
    this.names = names;
  }

  /** Shows them as metrics, and by themselves at {@code /policy/counts}. */
  public void show(Meters meters, HealthServer pages) {
    meters.policyPackets(this::metrics);
    pages.page("/policy/counts", "application/json", this::json);
  }

  /**
   * All counters, in the order of their names; the last known ones if the kernel does not answer.
   */
  public synchronized List<Row> rows() {
    try {
      List<Row> rows = new ArrayList<>();
      Map<String, Counted> meanings = names.counters();
      for (ListedCounter listed : source.read()) {
        Optional.ofNullable(meanings.get(listed.counter().name()))
            .ifPresent(meaning -> rows.add(new Row(meaning, listed.count())));
      }
      last = List.copyOf(rows);
    } catch (NetlinkException e) {
      LOG.warn("the counters of policies cannot be read: {}", e.getMessage());
    }
    return last;
  }

  /** For metrics: the busiest policies one by one, the others together. */
  public List<PolicyPackets> metrics() {
    List<Row> rows = new ArrayList<>(rows());
    rows.sort(BUSIEST);
    List<Row> single = rows.subList(0, Math.min(MOST_ROWS, rows.size()));
    List<PolicyPackets> shown = new ArrayList<>();
    for (Row row : single) {
      String policy = row.counted().policy().map(PolicyId::toString).orElse("end-of-tier");
      shown.add(packets(policy, row.counted().tier(), row.counted(), row.count()));
    }
    Map<String, PolicyPackets> others = new TreeMap<>();
    for (Row row : rows.subList(single.size(), rows.size())) {
      others.merge(
          row.counted().direction() + " " + row.counted().allowed(),
          packets("other", "", row.counted(), row.count()),
          (one, more) ->
              packets(
                  "other",
                  "",
                  row.counted(),
                  new NftCount(one.packets() + more.packets(), one.bytes() + more.bytes())));
    }
    shown.addAll(others.values());
    return List.copyOf(shown);
  }

  private static PolicyPackets packets(
      String policy, String tier, Counted counted, NftCount count) {
    return new PolicyPackets(
        policy,
        tier,
        counted.direction().text(),
        counted.allowed() ? "allowed" : "denied",
        count.packets(),
        count.bytes());
  }

  /** For programs and people: a JSON array, an object for each counter. */
  public String json() {
    ArrayNode all = JsonNodeFactory.instance.arrayNode();
    for (Row row : rows()) {
      Counted counted = row.counted();
      ObjectNode one = all.addObject();
      counted
          .policy()
          .ifPresent(id -> {
            ObjectNode policy = one.putObject("policy").put("kind", id.kind().api());
            if (!id.namespace().isEmpty()) {
              policy.put("namespace", id.namespace());
            }
            policy.put("name", id.name());
          });
      one.put("tier", counted.tier()).put("direction", counted.direction().text());
      one.put("verdict", counted.allowed() ? "allowed" : "denied");
      one.put("packets", row.count().packets()).put("bytes", row.count().bytes());
    }
    return all.toPrettyString() + "\n";
  }
}
