package io.portolan.calico.ipam;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.calico.model.AffinityOwner;
import io.portolan.calico.model.ApiGroup;
import io.portolan.calico.model.Codecs;
import io.portolan.calico.model.IpPool;
import io.portolan.calico.model.IpamBlock;
import io.portolan.calico.model.IpamConfiguration;
import io.portolan.calico.model.ObjectKind;
import io.portolan.calico.model.Stored;
import io.portolan.calico.store.IpamObjects;
import io.portolan.common.kube.KubeFault;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class ResidentAllocatorTest {
  private static final IpPool POOL = Pools.pool("a", "10.0.0.0/24", 28);

  private final SimulatedStore store = new SimulatedStore();
  private final IpamObjects objects = new IpamObjects(store, ApiGroup.CRD);
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  private static IpamSettings settings(IpamConfiguration configuration, IpPool... pools) {
    return new IpamSettings(List.of(pools), Reservations.NONE, configuration, Map.of());
  }

  private static IpamConfiguration configuration(boolean strict, int blocks) {
    return new IpamConfiguration(strict, true, blocks, Duration.ZERO);
  }

  private ResidentAllocator allocator(String node, IpamSettings settings) {
    return new ResidentAllocator(
        objects, AffinityOwner.node(node), settings, () -> now, Parallel.NONE);
  }

  private ResidentAllocator allocator(String node) {
    return allocator(node, settings(IpamConfiguration.DEFAULT, POOL));
  }

  private static List<AssignRequest> pods(String node, int from, int to) {
    List<AssignRequest> requests = new ArrayList<>();
    for (int i = from; i < to; i++) {
      requests.add(
          AssignRequest.forPod("net." + node + "-" + i, "shop", "p" + i, node, IpFamily.IPV4));
    }
    return requests;
  }

  private static List<String> shown(List<AssignOutcome> outcomes) {
    return outcomes.stream()
        .map(outcome ->
            switch (outcome) {
              case AssignOutcome.Assigned assigned -> assigned.address().toString();
              case AssignOutcome.Refused(String reason) -> reason;
              case AssignOutcome.Unavailable(KubeFault fault) -> fault.toString();
            })
        .toList();
  }

  private static IpAddress address(AssignOutcome outcome) {
    return ((AssignOutcome.Assigned) outcome).address();
  }

  @Test
  void aPodCostsTwoWritesAndNoReadAndABurstShares() {
    ResidentAllocator allocator = allocator("n1");
    assertEquals(Optional.empty(), allocator.load());
    store.calls();
    allocator.assign(pods("n1", 0, 1));
    assertEquals(
        "{create BLOCK_AFFINITY=1, create IPAM_BLOCK=1, create IPAM_HANDLE=1, "
            + "list BLOCK_AFFINITY=1, update BLOCK_AFFINITY=1, update IPAM_BLOCK=1}",
        store.calls().toString());
    List<AssignOutcome> second = allocator.assign(pods("n1", 1, 2));
    assertEquals("{create IPAM_HANDLE=1, update IPAM_BLOCK=1}", store.calls().toString());
    allocator.assign(pods("n1", 2, 10));
    assertEquals("{create IPAM_HANDLE=8, update IPAM_BLOCK=1}", store.calls().toString());
    assertEquals(
        List.of(Optional.empty()),
        allocator.release(
            List.of(
                new ReleaseRequest(address(second.getFirst()), "net.n1-1", OptionalLong.empty()))));
    assertEquals("{delete IPAM_HANDLE=1, update IPAM_BLOCK=1}", store.calls().toString());
  }

  @Test
  void aRequestThatIsRepeatedGetsTheSameAddress() {
    ResidentAllocator allocator = allocator("n1");
    List<String> first = shown(allocator.assign(pods("n1", 0, 3)));
    assertEquals(first, shown(allocator.assign(pods("n1", 0, 3))));
    ResidentAllocator restarted = allocator("n1");
    restarted.load();
    assertEquals(first, shown(restarted.assign(pods("n1", 0, 3))));
    assertEquals(3, store.objects(ObjectKind.IPAM_HANDLE).size());
  }

  /** The address was collected and given to another while this node had it in memory. */
  @Test
  void aRepeatedRequestIsNotAnsweredFromMemory() {
    ResidentAllocator allocator = allocator("n1");
    AssignOutcome first = allocator.assign(pods("n1", 0, 1)).getFirst();
    ResidentAllocator other = allocator("n1");
    other.load();
    other.release(List.of(new ReleaseRequest(address(first), "net.n1-0", OptionalLong.empty())));
    other.assign(
        List.of(
            new AssignRequest(
                "net.other",
                Map.of(),
                IpFamily.IPV4,
                IpPool.Use.WORKLOAD,
                List.of(),
                Optional.empty(),
                Optional.of(address(first)))));
    AssignOutcome again = allocator.assign(pods("n1", 0, 1)).getFirst();
    assertEquals(false, address(again).equals(address(first)), again::toString);
  }

  @Test
  void whoIsDisturbedReadsOnceAndGoesOn() {
    ResidentAllocator one = allocator("n1");
    one.assign(pods("n1", 0, 1));
    ResidentAllocator same = allocator("n1");
    same.load();
    same.assign(pods("n1", 1, 2));
    store.calls();
    one.assign(pods("n1", 2, 3));
    assertEquals(
        "{create IPAM_HANDLE=1, get IPAM_BLOCK=1, update IPAM_BLOCK=2}", store.calls().toString());
    IpamBlock block = one.blocks().values().iterator().next();
    assertEquals(List.of(0, 1, 2), block.held());
  }

  @Test
  void fullBlocksLeadToNewOnesThenToTheIdleOnesOfOthersThenToBorrowedAddresses() {
    // A pool of two blocks of four.
    IpamSettings settings =
        settings(IpamConfiguration.DEFAULT, Pools.pool("small", "10.0.0.0/29", 30));
    ResidentAllocator one = allocator("n1", settings);
    one.assign(pods("n1", 0, 1));
    ResidentAllocator two = allocator("n2", settings);
    two.assign(pods("n2", 0, 4));
    assertEquals(1, two.blocks().size());
    // No block is left: one of n1's three free addresses.
    two.assign(pods("n2", 4, 5));
    assertEquals(1, two.blocks().size());
    IpamBlock lender = read(one.blocks().keySet().iterator().next());
    assertEquals(
        "host:n1 [net.n1-0, net.n2-4]",
        lender.owner().orElseThrow()
            + " "
            + lender.attributes().stream().map(a -> a.handle().orElseThrow()).toList());
    // n1 learns of it when it writes.
    assertEquals(2, one.assign(pods("n1", 1, 3)).size());
    assertEquals(
        List.of(
            "the pools [small (10.0.0.0/29)] have no free address: all of their 2 blocks are"
                + " taken; add an IPPool, or free addresses: see 'portolan ipam show'"),
        shown(two.assign(pods("n2", 5, 6))));
  }

  @Test
  void anIdleBlockOfAnotherIsTakenOnlyWhenItIsAMinuteOld() {
    IpamSettings settings =
        settings(configuration(true, 0), Pools.pool("small", "10.0.0.0/30", 30));
    ResidentAllocator one = allocator("n1", settings);
    AssignOutcome only = one.assign(pods("n1", 0, 1)).getFirst();
    one.release(List.of(new ReleaseRequest(address(only), "net.n1-0", OptionalLong.empty())));
    ResidentAllocator two = allocator("n2", settings);
    assertEquals(
        List.of(
            "the pools [small (10.0.0.0/30)] have no block left for this node, and strictAffinity"
                + " keeps it from the 1 blocks of others that have room; add an IPPool, or free"
                + " addresses: see 'portolan ipam show'"),
        shown(two.assign(pods("n2", 0, 1))));
    now = now.plusSeconds(60);
    assertEquals(List.of("10.0.0.0"), shown(two.assign(pods("n2", 0, 1))));
    // The one that lost it claims what it can, and is told why it cannot.
    assertEquals(
        "the pools [small (10.0.0.0/30)] have no block left",
        shown(one.assign(pods("n1", 1, 2))).getFirst().substring(0, 50));
    assertEquals(Map.of(), one.blocks());
  }

  @Test
  void aNodeHasNoMoreBlocksThanItMay() {
    ResidentAllocator allocator = allocator("n1", settings(configuration(true, 2), POOL));
    List<String> outcomes = shown(allocator.assign(pods("n1", 0, 33)));
    assertEquals(
        "all addresses of this node's 2 blocks are taken and it may have no more (maxBlocksPerHost"
            + " 2); raise maxBlocksPerHost of the IPAM configuration",
        outcomes.get(32));
    assertEquals(32, outcomes.stream().filter(o -> o.startsWith("10.0.0.")).distinct().count());
  }

  @Test
  void aCertainAddressIsGivenOnceAndOutOfAPoolThatMay() {
    ResidentAllocator allocator = allocator("n1");
    AssignRequest wanted =
        new AssignRequest(
            "net.x",
            Map.of(),
            IpFamily.IPV4,
            IpPool.Use.WORKLOAD,
            List.of(),
            Optional.empty(),
            Optional.of(IpAddress.parse("10.0.0.77")));
    AssignRequest another =
        new AssignRequest(
            "net.y",
            Map.of(),
            IpFamily.IPV4,
            IpPool.Use.WORKLOAD,
            List.of(),
            Optional.empty(),
            Optional.of(IpAddress.parse("10.0.0.77")));
    AssignRequest outside =
        new AssignRequest(
            "net.z",
            Map.of(),
            IpFamily.IPV4,
            IpPool.Use.WORKLOAD,
            List.of(),
            Optional.empty(),
            Optional.of(IpAddress.parse("10.1.0.77")));
    assertEquals(
        List.of(
            "10.0.0.77",
            "10.0.0.77 of 10.0.0.64/28 is assigned to somebody else, or rests",
            "10.1.0.77 was asked for, but no enabled pool that allows the use Workload has it; see"
                + " 'portolan ipam show'"),
        shown(allocator.assign(List.of(wanted, another, outside))));
  }

  /** Nothing may be written to it, and nobody's address may be at risk. */
  @Test
  void aMalformedBlockIsLeftAlone() {
    ResidentAllocator allocator = allocator("n1", settings(configuration(true, 1), POOL));
    allocator.assign(pods("n1", 0, 1));
    ObjectNode broken = store.objects(ObjectKind.IPAM_BLOCK).getFirst().deepCopy();
    broken.withObjectProperty("spec").withArrayProperty("unallocated").insert(0, 0);
    store.update(ObjectKind.IPAM_BLOCK, broken);
    ObjectNode before = store.objects(ObjectKind.IPAM_BLOCK).getFirst();
    assertEquals(
        "INVALID: IPAM_BLOCK "
            + before.at("/metadata/name").asText()
            + " is malformed: spec.unallocated: 0 is allocated",
        shown(allocator.assign(pods("n1", 1, 2))).getFirst());
    assertEquals(before, store.objects(ObjectKind.IPAM_BLOCK).getFirst());
    List<String> next = shown(allocator.assign(pods("n1", 1, 2)));
    assertEquals(before, store.objects(ObjectKind.IPAM_BLOCK).getFirst());
    assertEquals(true, next.getFirst().startsWith("10.0.0."), next::toString);
  }

  private IpamBlock read(Cidr cidr) {
    return objects.list(Codecs.BLOCK).orThrow().objects().stream()
        .map(Stored::value)
        .filter(block -> block.cidr().equals(cidr))
        .findFirst()
        .orElseThrow();
  }
}
