package io.portolan.aws.layout;

import io.portolan.common.cloud.InstanceId;
import io.portolan.common.cloud.NodeName;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The tags of ENIs. The creating call sets them, so a restarted controller with no memory tells its
 * own ENIs from everybody else's: an ENI is ours when its cluster tag names our cluster.
 */
public final class EniTags {
  public static final String CLUSTER = "portolan.io/cluster";
  public static final String NODE = "portolan.io/node";
  public static final String INSTANCE = "portolan.io/instance";
  public static final String CREATED_AT = "portolan.io/created-at";

  /** Set by administrators on ENIs that no CNI may touch; the Amazon VPC CNI honours it too. */
  public static final String NO_MANAGE = "node.k8s.amazonaws.com/no_manage";

  /** Tag values have at most 256 characters (EC2 user guide, "Tag restrictions"). */
  private static final int LONGEST_VALUE = 256;

  private EniTags() {}

  /** The tags of a new ENI. */
  public static SortedMap<String, String> forNew(
      String cluster, NodeName node, InstanceId instance, Instant now) {
    SortedMap<String, String> tags = new TreeMap<>();
    tags.put(CLUSTER, cluster);
    tags.put(NODE, node.value());
    tags.put(INSTANCE, instance.value());
    tags.put(CREATED_AT, now.truncatedTo(ChronoUnit.SECONDS).toString());
    String name = cluster + "/" + node.value();
    tags.put("Name", name.length() > LONGEST_VALUE ? name.substring(0, LONGEST_VALUE) : name);
    return tags;
  }

  public static boolean ours(String cluster, Map<String, String> tags) {
    return cluster.equals(tags.get(CLUSTER));
  }

  public static boolean unmanaged(Map<String, String> tags) {
    String value = tags.get(NO_MANAGE);
    return value != null && !value.equalsIgnoreCase("false");
  }

  /** The node an ENI was created for; tags can be edited by anyone, so nonsense counts as none. */
  public static Optional<NodeName> node(Map<String, String> tags) {
    return Optional.ofNullable(tags.get(NODE)).filter(name -> !name.isBlank()).map(NodeName::new);
  }

  /** When an ENI was created; nonsense counts as unknown. */
  public static Optional<Instant> createdAt(Map<String, String> tags) {
    try {
      return Optional.ofNullable(tags.get(CREATED_AT)).map(Instant::parse);
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
