package io.portolan.node.attach;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import io.portolan.node.cni.CniRequest;
import io.portolan.node.cni.CniResult;
import io.portolan.node.endpoint.Attachment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The result of ADD as the runtime gives it to CHECK: that of the whole chain, so other plugins may
 * have added to it and taken away from it.
 */
final class ExpectedResult {
  private ExpectedResult() {}

  /** Of the default routes that ADD made, those that its whole chain left in the result. */
  static Set<IpFamily> defaults(CniRequest.Check check) {
    return check.expected().routes().stream()
        .map(CniResult.Route::destination)
        .filter(destination -> destination.prefixLength() == 0)
        .map(Cidr::family)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** What of it is not the attachment's, or lacks; empty if it agrees. */
  static List<String> missing(CniRequest.Check check, Attachment attachment) {
    List<String> defects = new ArrayList<>();
    List<CniResult.Interface> interfaces = check.expected().interfaces();
    for (CniResult.Ip ip : check.expected().ips()) {
      boolean ours =
          ip.interfaceIndex().isPresent()
              && interfaces.get(ip.interfaceIndex().getAsInt()).name().equals(check.id().ifName());
      if (ours && !attachment.addresses().contains(ip.address())) {
        defects.add(ip.address() + " of prevResult is not this attachment's address");
      }
    }
    for (IpAddress address : attachment.addresses()) {
      if (check.expected().ips().stream().noneMatch(ip -> ip.address().equals(address))) {
        defects.add(address + " is missing from prevResult");
      }
    }
    return defects;
  }
}
