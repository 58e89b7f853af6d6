package io.portolan.common.pool;

import io.portolan.common.net.Cidr;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The release handshake of one node as both sides have published it.
 *
 * @param revision of the supply last written; a new mark gets an epoch above it
 * @param marks what the controller wants back, with the epoch of each mark
 * @param answers what the node agent has given up, with the epoch it answers
 */
public record Handshake(long revision, SortedMap<Cidr, Long> marks, SortedMap<Cidr, Long> answers) {
  public static final Handshake NONE = new Handshake(0, new TreeMap<>(), new TreeMap<>());

  public Handshake {
    marks = Collections.unmodifiableSortedMap(new TreeMap<>(marks));
    answers = Collections.unmodifiableSortedMap(new TreeMap<>(answers));
  }

  public Handshake(long revision, Map<Cidr, Long> marks, Map<Cidr, Long> answers) {
    this(revision, new TreeMap<>(marks), new TreeMap<>(answers));
  }

  public boolean marked(Cidr cidr) {
    return marks.containsKey(cidr);
  }

  /** Whether the node has given up the block for exactly the mark that stands now. */
  public boolean acknowledged(Cidr cidr) {
    Long epoch = marks.get(cidr);
    return epoch != null && epoch.equals(answers.get(cidr));
  }
}
