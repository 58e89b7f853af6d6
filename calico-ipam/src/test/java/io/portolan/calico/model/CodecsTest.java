package io.portolan.calico.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.net.Cidr;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class CodecsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String BLOCK =
      """
      {"apiVersion":"crd.projectcalico.org/v1","kind":"IPAMBlock",
       "metadata":{"name":"10-0-0-4-30","uid":"u1","resourceVersion":"7","annotations":{"a":"b"}},
       "spec":{"cidr":"10.0.0.4/30","affinity":"host:node1",
        "affinityClaimTime":"2026-01-02T03:04:05Z",
        "allocations":[0,null,1,2],"unallocated":[1],
        "attributes":[
         {"handle_id":"k8s-pod-network.c1","secondary":{"namespace":"shop","node":"node1","pod":"web-0"}},
         {"handle_id":"vxlan-tunnel-addr-node1","secondary":{"node":"node1","type":"vxlanTunnelAddress"},"later":[1]},
         {"releasedAt":"2026-01-02T03:05:00Z"}],
        "sequenceNumber":1767323045000000003,
        "sequenceNumberForAllocation":{"0":1767323045000000000,"2":1767323045000000001},
        "deleted":false,"strictAffinity":false,"soon":{"x":1}}}
      """;

  private static ObjectNode parse(String json) {
    try {
      return (ObjectNode) JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(json, e);
    }
  }

  private static <T> Stored<T> understood(Codec<T> codec, ObjectNode object, ApiGroup group) {
    return codec.decode(object, group).understood().orElseThrow();
  }

  private static String problem(Codec<?> codec, ObjectNode object) {
    return switch (codec.decode(object, ApiGroup.CRD)) {
      case Decoded.Malformed<?>(String name, String problem) -> name + ": " + problem;
      case Decoded.Understood<?> understood -> "understood: " + understood;
    };
  }

  @Test
  void aBlockIsWrittenAsItWasReadWithWhatIsNotUnderstood() {
    ObjectNode object = parse(BLOCK);
    Stored<IpamBlock> block = understood(Codecs.BLOCK, object, ApiGroup.CRD);
    assertEquals(object, Codecs.BLOCK.encode(block, block.value(), ApiGroup.CRD));
    assertEquals(
        "10.0.0.4/30 host:node1 held [0, 2] of [0, -1, 1, 2], 10.0.0.4 by web-0, number "
            + "1767323045000000001, u1 at 7",
        block.value().cidr()
            + " "
            + block.value().owner().orElseThrow()
            + " held "
            + block.value().held()
            + " of "
            + block.value().allocations()
            + ", "
            + block.value().address(0)
            + " by "
            + block.value().attributes(0).orElseThrow().owner(AllocationAttributes.POD)
            + ", number "
            + block.value().sequence(2)
            + ", "
            + block.uid()
            + " at "
            + block.resourceVersion());
  }

  @Test
  void aNewBlockHasWhatTheSchemaAsksFor() {
    IpamBlock block =
        IpamBlock.claimed(
            Cidr.parse("fd00::10/126"),
            AffinityOwner.node("node1"),
            Instant.parse("2026-01-02T03:04:05.678Z"),
            1767323045678000000L);
    assertEquals(
        parse(
                """
                {"apiVersion":"projectcalico.org/v3","kind":"IPAMBlock","metadata":{"name":"fd00--10-126"},
                 "spec":{"cidr":"fd00::10/126","affinity":"host:node1",
                  "affinityClaimTime":"2026-01-02T03:04:05Z","allocations":[null,null,null,null],
                  "unallocated":[0,1,2,3],"attributes":[],"sequenceNumber":1767323045678000000,
                  "sequenceNumberForAllocation":{},"deleted":false,"strictAffinity":false}}
                """)
            .toPrettyString(),
        Codecs.BLOCK.encode(block, ApiGroup.PROJECT_CALICO).toPrettyString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[null,null,1,2] | [0,1,1]   | spec.unallocated: 1 is no address of it, or is named twice",
        "[0,null,1,2]    | [0,1]     | spec.unallocated: 0 is allocated",
        "[0,null,1,2]    | [7]       | spec.unallocated: 7 is no address of it, or is named twice",
        "[0,null,1]      | [1]       | spec.allocations: expected 4 for 10.0.0.4/30, not 3",
        "[0,null,1,3]    | [1]       | spec.allocations[3]: expected a number from 0 to 2, not 3",
        "[0,null,1,'x']  | [1]       | spec.allocations[3]: expected a number from 0 to 2, not"
            + " \"x\"",
      })
  void aBlockThatCouldGiveAnAddressTwiceIsMalformed(
      String allocations, String unallocated, String problem) {
    ObjectNode object = parse(BLOCK);
    ObjectNode spec = (ObjectNode) object.path("spec");
    spec.set("allocations", parse("{\"x\":" + allocations.replace('\'', '"') + "}").path("x"));
    spec.set("unallocated", parse("{\"x\":" + unallocated + "}").path("x"));
    assertEquals("10-0-0-4-30: " + problem, problem(Codecs.BLOCK, object));
  }

  @Test
  void aBlockOfAnotherNameOrSizeOrOwnerIsMalformed() {
    ObjectNode object = parse(BLOCK);
    object.withObjectProperty("metadata").put("name", "other");
    assertEquals(
        "other: spec.cidr: 10.0.0.4/30 is not what the object's name says: other",
        problem(Codecs.BLOCK, object));
    ObjectNode wide = parse(BLOCK.replace("10-0-0-4-30", "10-0-0-0-8"));
    wide.withObjectProperty("spec").put("cidr", "10.0.0.0/8");
    assertEquals(
        "10-0-0-0-8: spec.cidr: 10.0.0.0/8 is larger than any block", problem(Codecs.BLOCK, wide));
    assertEquals(
        "10-0-0-4-30: spec.affinity: expected host:NAME or virtual:NAME, not 'node1'",
        problem(Codecs.BLOCK, parse(BLOCK.replace("host:node1", "node1"))));
  }

  @ParameterizedTest
  @EnumSource
  void affinitiesAndHandlesAreReadAsWritten(ApiGroup group) {
    BlockAffinity affinity =
        new BlockAffinity(
            AffinityOwner.node("node1"),
            Cidr.parse("10.0.0.0/26"),
            BlockAffinity.State.PENDING_DELETION,
            true);
    ObjectNode object = Codecs.AFFINITY.encode(affinity, group);
    assertEquals(affinity, understood(Codecs.AFFINITY, object, group).value());
    assertEquals(
        group == ApiGroup.CRD ? "\"true\"" : "true", object.at("/spec/deleted").toString());
    assertEquals("node1-10-0-0-0-26", object.at("/metadata/name").asText());
    IpamHandle handle =
        new IpamHandle("k8s-pod-network.ABC", Map.of(Cidr.parse("10.0.0.0/26"), 2), false);
    ObjectNode stored = Codecs.HANDLE.encode(handle, group);
    assertEquals(handle, understood(Codecs.HANDLE, stored, group).value());
    assertEquals("k8s-pod-network.abc", stored.at("/metadata/name").asText());
    assertEquals("{\"10.0.0.0/26\":2}", stored.at("/spec/block").toString());
  }

  /** An affinity of a release before labels, types and states. */
  @Test
  void anOldAffinityIsAHostsAndConfirmed() {
    assertEquals(
        new BlockAffinity(
            AffinityOwner.node("node1"),
            Cidr.parse("10.0.0.0/26"),
            BlockAffinity.State.CONFIRMED,
            false),
        understood(
                Codecs.AFFINITY,
                parse("{\"spec\":{\"node\":\"node1\",\"cidr\":\"10.0.0.0/26\",\"state\":\"\"}}"),
                ApiGroup.CRD)
            .value());
  }

  @Test
  void theConfigurationHasAnotherKindInEachGroup() {
    assertEquals(
        "IPAMConfig /apis/crd.projectcalico.org/v1/ipamconfigs, "
            + "IPAMConfiguration /apis/projectcalico.org/v3/ipamconfigurations",
        ObjectKind.IPAM_CONFIGURATION.name(ApiGroup.CRD)
            + " "
            + ApiGroup.CRD.path(ObjectKind.IPAM_CONFIGURATION).collection("")
            + ", "
            + ObjectKind.IPAM_CONFIGURATION.name(ApiGroup.PROJECT_CALICO)
            + " "
            + ApiGroup.PROJECT_CALICO.path(ObjectKind.IPAM_CONFIGURATION).collection(""));
    assertEquals(
        "IpamConfiguration[strictAffinity=true, autoAllocateBlocks=true, maxBlocksPerHost=3, "
            + "cooldown=PT10S]",
        understood(
                Codecs.CONFIGURATION,
                parse(
                    "{\"spec\":{\"strictAffinity\":true,\"maxBlocksPerHost\":3,"
                        + "\"ipCooldownSeconds\":10}}"),
                ApiGroup.CRD)
            .value()
            .toString());
  }

  @Test
  void aPoolHasDefaultsAndAVerdict() {
    ObjectNode object =
        parse(
            """
            {"metadata":{"name":"a","creationTimestamp":"2026-01-01T00:00:00Z"},
             "spec":{"cidr":"10.0.0.0/16","vxlanMode":"CrossSubnet","natOutgoing":true},
             "status":{"conditions":[{"type":"Allocatable","status":"False"}]}}
            """);
    IpPool pool = understood(Codecs.POOL, object, ApiGroup.CRD).value();
    assertEquals(
        "IpPool a 26 CROSS_SUBNET NEVER [WORKLOAD, TUNNEL] automatic true enabled false",
        "IpPool "
            + pool.name()
            + " "
            + pool.blockSize()
            + " "
            + pool.vxlan()
            + " "
            + pool.ipip()
            + " "
            + pool.uses()
            + " automatic "
            + pool.automatic()
            + " enabled "
            + pool.isEnabled());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "10.0.0.0/16   | 19 | spec.blockSize: expected 20 to 32, not 19",
        "fd00::/112    | 26 | spec.blockSize: expected 116 to 128, not 26",
        "10.0.0.0/27   | 26 | spec.cidr: 10.0.0.0/27 is smaller than one block (/26); lower"
            + " blockSize",
        "10.0.0.1/24   | 26 | spec.cidr: 10.0.0.1/24 has host bits set; write 10.0.0.0/24",
      })
  void aPoolOutOfRangeIsMalformed(String cidr, int blockSize, String problem) {
    ObjectNode object = parse("{\"metadata\":{\"name\":\"a\"},\"spec\":{}}");
    object.withObjectProperty("spec").put("cidr", cidr).put("blockSize", blockSize);
    assertEquals("a: " + problem, problem(Codecs.POOL, object));
  }

  /** The values are what Go's libraries make of the same names. */
  @Test
  void namesAndLabelsAreCalicos() {
    assertEquals("10-0-132-128-27", ObjectNames.block(Cidr.parse("10.0.132.128/27")));
    String longest = "n".repeat(240);
    String name = ObjectNames.affinity(longest, Cidr.parse("10.0.132.128/27"));
    assertEquals(252, name.length());
    assertEquals("n".repeat(224) + "-10-0-132-128-27-2a09d95ddc3", name);
    assertEquals(
        "7DS2CCNJGGLTHBDQLLFO6SX24SY2YDDEG3W2VN556FA2W4DLLV5A", ObjectNames.hostnameHash("node1"));
  }
}
