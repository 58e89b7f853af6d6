package io.portolan.node.ipam;

import io.portolan.common.net.IpAddress;
import java.util.List;

/**
 * The pool as others may see it.
 *
 * @param held addresses that pods hold
 * @param resting addresses that wait out their rest
 * @param free how many more requests could be granted at once
 * @param waiting requests that wait for an address
 * @param room whether the next request would be granted
 * @param answers answers to the controller's marks
 * @param orphans held addresses that the cloud no longer routes here
 */
public record PoolView(
    int held,
    int resting,
    long free,
    int waiting,
    boolean room,
    List<Supply.Mark> answers,
    List<IpAddress> orphans) {
  public static final PoolView EMPTY = new PoolView(0, 0, 0, 0, false, List.of(), List.of());

  public PoolView {
    answers = List.copyOf(answers);
    orphans = List.copyOf(orphans);
  }
}
