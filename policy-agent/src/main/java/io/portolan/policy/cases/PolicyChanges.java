package io.portolan.policy.cases;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import io.portolan.policy.model.PodName;
import io.portolan.policy.model.Protocol;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * The connections that one state of a cluster allows and another does not, between pods of both
 * states and addresses that host endpoints of either are for: each with each other one, over each
 * port that either state names and one that neither does.
 */
public final class PolicyChanges {
  private PolicyChanges() {}

  /**
   * What was compared.
   *
   * @param changed of the connections that were compared
   */
  public record Summary(long compared, long changed) {}

  /** Writes a line for each connection that is allowed in one state only. */
  public static Summary write(
      ClusterState before, ClusterState after, OutputStream out, PolicyCases.Format format)
      throws IOException {
    ProbedCluster old = new ProbedCluster();
    old.become(before);
    ProbedCluster next = new ProbedCluster();
    next.become(after);
    List<NamedServices.Service> services = NamedServices.of(List.of(before, after));
    List<PodName> pods =
        before.pods().keySet().stream().filter(after.pods()::containsKey).sorted().toList();
    Set<IpAddress> hosts = new TreeSet<>(old.policedHosts());
    hosts.addAll(next.policedHosts());
    // To be compared, what somebody else has in the other state would have to be one end.
    hosts.removeIf(address ->
        old.holders().pod(address).isPresent() || next.holders().pod(address).isPresent());
    long compared = 0;
    long changed = 0;
    try (JsonGenerator generator = PolicyCases.generator(out)) {
      for (IpFamily family : IpFamily.values()) {
        List<ProbeEnd> policed = new ArrayList<>();
        pods.stream()
            .filter(p -> old.polices(p, family) && next.polices(p, family))
            .forEach(pod -> policed.add(new ProbeEnd.OfPod(pod)));
        hosts.stream()
            .filter(address -> address.family() == family)
            .forEach(address -> policed.add(new ProbeEnd.OfAddress(address)));
        for (ProbeEnd from : policed) {
          for (ProbeEnd to : policed) {
            if (from.equals(to)) {
              continue;
            }
            for (NamedServices.Service service : services) {
              Probe probe = Probe.of(from, to, family, service.protocol(), service.port());
              ProbeAnswer was = old.answer(probe);
              ProbeAnswer is = next.answer(probe);
              compared++;
              if (was.allowed() != is.allowed()) {
                changed++;
                switch (format) {
                  case TEXT ->
                      out.write(
                          (AnswerWriter.changeText(probe, was, is) + "\n")
                              .getBytes(StandardCharsets.UTF_8));
                  case JSON -> new AnswerWriter(generator).change(document(probe), was, is);
                }
              }
            }
          }
        }
      }
    } catch (MalformedInputException e) {
      throw new IllegalStateException("only what is there is asked about", e);
    }
    out.flush();
    return new Summary(compared, changed);
  }

  /** The probe as it would be asked. */
  private static ObjectNode document(Probe probe) {
    ObjectNode document = JsonNodeFactory.instance.objectNode();
    Protocol protocol = probe.protocol();
    document
        .put("from", probe.from().toString())
        .put("to", probe.to().toString())
        .put("ipFamily", probe.family() == IpFamily.IPV4 ? "IPv4" : "IPv6");
    if (Probe.hasPorts(protocol)) {
      return document
          .put("protocol", protocol.text().toUpperCase(Locale.ROOT))
          .put("port", probe.port());
    }
    return document.put("protocol", protocol.number());
  }
}
