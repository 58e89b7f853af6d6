package io.portolan.policy.cases;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.common.kube.PodRecord;
import io.portolan.policy.model.EndpointSlice;
import io.portolan.policy.model.Protocol;
import io.portolan.policy.model.ServiceName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A Service by which the endpoint slices are made that a cluster would have.
 *
 * @param selector labels of its pods; empty if somebody else makes its slices
 */
record ServiceRecord(ServiceName name, Map<String, String> selector, List<Port> ports) {
  ServiceRecord {
    selector = Map.copyOf(selector);
    ports = List.copyOf(ports);
  }

  /**
   * @param target the number of a pod's port, or the name of one
   */
  record Port(Protocol protocol, String target) {}

  static ServiceRecord of(InputNode object) throws MalformedInputException {
    InputNode metadata = object.get("metadata");
    InputNode spec = object.get("spec");
    spec.get("selector").optionalTexts();
    Map<String, String> selector = new HashMap<>();
    for (String label : spec.get("selector").names()) {
      selector.put(label, spec.node().path("selector").path(label).asText());
    }
    List<Port> ports = new ArrayList<>();
    for (InputNode port : spec.get("ports").items()) {
      InputNode number = port.get("port");
      InputNode protocol = port.get("protocol");
      InputNode target = port.get("targetPort");
      if (number.optionalNumber(1, 65_535).isEmpty()) {
        throw number.problem("is missing");
      }
      boolean numbered = target.node().isNumber();
      if (numbered) {
        target.optionalNumber(0, 65_535);
      } else {
        target.optionalText();
      }
      // Zero is how some write that there is none.
      boolean given = target.isPresent() && !(numbered && target.node().intValue() == 0);
      JsonNode said = given ? target.node() : number.node();
      ports.add(
          new Port(
              Protocol.named(protocol.optionalText().orElse("TCP"))
                  .orElseThrow(
                      () -> protocol.problem(protocol.node() + " is none of TCP, UDP, SCTP")),
              said.asText()));
    }
    return new ServiceRecord(
        new ServiceName(
            metadata.get("namespace").optionalText().orElse(""), metadata.get("name").text()),
        selector,
        ports);
  }

  /** The endpoints that a pod is for it, as a slice of its own. */
  Optional<EndpointSlice> endpoints(PodRecord pod) {
    boolean serves =
        pod.namespace().equals(name.namespace())
            && !pod.finished()
            && !selector.isEmpty()
            && pod.labels().entrySet().containsAll(selector.entrySet());
    if (!serves) {
      return Optional.empty();
    }
    return Optional.of(
        new EndpointSlice(
            name,
            name.name() + "/" + pod.name(),
            pod.ips(),
            ports.stream().flatMap(port -> resolve(port, pod).stream()).toList()));
  }

  /** By name it is another one on each pod, and on some none. */
  private static Optional<EndpointSlice.Port> resolve(Port port, PodRecord pod) {
    if (port.target().matches("[0-9]+")) {
      return Optional.of(new EndpointSlice.Port(port.protocol(), Integer.parseInt(port.target())));
    }
    return pod.ports().stream()
        .filter(own -> own.name().equals(port.target()))
        .filter(own -> Protocol.named(own.protocol()).filter(port.protocol()::equals).isPresent())
        .findFirst()
        .map(own -> new EndpointSlice.Port(port.protocol(), own.port()));
  }
}
