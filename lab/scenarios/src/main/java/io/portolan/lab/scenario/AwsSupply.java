package io.portolan.lab.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.common.net.Cidr;
import io.portolan.sim.ec2.VpcView;
import io.portolan.sim.ec2.model.NetworkInterface;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Addresses for pods as the cloud and as the NodeNetworks tell them, at one moment.
 *
 * @param inCloud blocks EC2 has assigned to attached interfaces, without their primary addresses
 * @param published blocks in {@code status.supply} of all NodeNetworks
 * @param unattached ids of interfaces of no machine
 */
record AwsSupply(
    SortedSet<Cidr> inCloud, SortedSet<Cidr> published, List<String> unattached, VpcView view) {

  static AwsSupply of(AwsCluster cluster) {
    VpcView view = cluster.world().view();
    SortedSet<Cidr> inCloud = new TreeSet<>();
    for (NetworkInterface eni : view.interfaces()) {
      if (eni.isAttached()) {
        inCloud.addAll(eni.addresses().ipv4Blocks());
        inCloud.remove(eni.primaryAddress().toCidr());
      }
    }
    SortedSet<Cidr> published = new TreeSet<>();
    for (JsonNode network : cluster.kube().objects().list("nodenetworks.portolan.io", "")) {
      for (JsonNode eni : network.path("status").path("supply").path("interfaces")) {
        eni.path("addresses").forEach(address -> published.add(block(address.asText())));
        eni.path("prefixes").forEach(prefix -> published.add(block(prefix.asText())));
      }
    }
    List<String> unattached =
        view.interfaces().stream()
            .filter(eni -> eni.attachment().isEmpty())
            .map(eni -> eni.id().toString())
            .toList();
    return new AwsSupply(inCloud, published, unattached, view);
  }

  private static Cidr block(String text) {
    return Cidr.parse(text.contains("/") ? text : text + "/32");
  }

  /** How many addresses the cloud has assigned for pods. */
  int assigned() {
    return inCloud.stream().mapToInt(block -> block.size().intValueExact()).sum();
  }

  boolean publishedEqualsAssigned() {
    return inCloud.equals(published);
  }

  /** What is in one and not in the other. */
  String difference() {
    SortedSet<Cidr> onlyCloud = new TreeSet<>(inCloud);
    onlyCloud.removeAll(published);
    SortedSet<Cidr> onlyPublished = new TreeSet<>(published);
    onlyPublished.removeAll(inCloud);
    return "only in EC2: " + onlyCloud + ", only published: " + onlyPublished;
  }

  /** Interfaces in any phase of belonging to a machine. */
  long interfacesOf(String instanceId) {
    return view.interfaces().stream()
        .filter(eni ->
            eni.attachment().filter(a -> a.instance().toString().equals(instanceId)).isPresent())
        .count();
  }
}
