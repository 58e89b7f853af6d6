package io.portolan.common.kube;

import io.portolan.common.net.IpAddress;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Some of the endpoints of a Service.
 *
 * @param service its name, of the slice's namespace; empty if the slice belongs to none
 * @param addresses of all endpoints that are IP addresses, ready or not
 * @param ports those that have a number; each endpoint has all of them
 */
public record EndpointSliceRecord(
    ObjectKey key, String service, List<IpAddress> addresses, List<Port> ports) {
  private static final String SERVICE_NAME = "kubernetes.io/service-name";

  public EndpointSliceRecord {
    addresses = List.copyOf(addresses);
    ports = List.copyOf(ports);
  }

  /**
   * @param protocol TCP, UDP or SCTP
   */
  public record Port(String protocol, int port) {}

  public static RecordDecoder<EndpointSliceRecord> decoder() {
    return EndpointSliceRecord::decode;
  }

  private static EndpointSliceRecord decode(ObjectCursor slice) throws IOException {
    Metadata[] read = new Metadata[1];
    Set<IpAddress> addresses = new LinkedHashSet<>();
    Set<Port> ports = new LinkedHashSet<>();
    slice.eachField(field -> {
      switch (field) {
        case "metadata" -> read[0] = slice.metadata(Set.of());
        case "endpoints" -> slice.eachItem(() -> endpoint(slice, addresses));
        case "ports" -> slice.eachItem(() -> port(slice).ifPresent(ports::add));
        default -> {}
      }
    });
    Metadata metadata =
        Optional.ofNullable(read[0])
            .orElseThrow(() -> new IOException("an EndpointSlice without metadata"));
    return new EndpointSliceRecord(
        metadata.key(),
        metadata.labels().getOrDefault(SERVICE_NAME, ""),
        List.copyOf(addresses),
        List.copyOf(ports));
  }

  /** Of addressType FQDN, addresses are host names. */
  private static void endpoint(ObjectCursor slice, Set<IpAddress> addresses) throws IOException {
    slice.eachField(field -> {
      if (field.equals("addresses")) {
        slice.eachItem(() -> PodRecord.address(slice.text()).ifPresent(addresses::add));
      }
    });
  }

  private static Optional<Port> port(ObjectCursor slice) throws IOException {
    String[] protocol = {"TCP"};
    long[] number = {0};
    slice.eachField(field -> {
      switch (field) {
        case "protocol" -> {
          String text = slice.sharedText();
          protocol[0] = text.isEmpty() ? protocol[0] : text;
        }
        case "port" -> number[0] = slice.number();
        default -> {}
      }
    });
    return number[0] < 1 || number[0] > 65_535
        ? Optional.empty()
        : Optional.of(new Port(protocol[0], (int) number[0]));
  }
}
