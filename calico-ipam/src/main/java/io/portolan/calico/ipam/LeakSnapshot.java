package io.portolan.calico.ipam;

import io.portolan.calico.model.BlockAffinity;
import io.portolan.calico.model.IpPool;
import io.portolan.calico.model.IpamBlock;
import io.portolan.calico.model.IpamHandle;
import io.portolan.calico.model.Stored;
import io.portolan.common.kube.ObjectKey;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Everything a collection looks at, at one moment.
 *
 * @param nodes the nodes there are, with their labels
 * @param pods the pods there are; must not be older than the blocks
 * @param memory what the collection before this one left
 */
public record LeakSnapshot(
    List<Stored<IpamBlock>> blocks,
    List<Stored<BlockAffinity>> affinities,
    List<Stored<IpamHandle>> handles,
    List<IpPool> pools,
    Map<String, Map<String, String>> nodes,
    Map<ObjectKey, PodFacts> pods,
    Duration cooldown,
    LeakMemory memory) {}
