package io.portolan.common.model;

import io.portolan.common.cloud.SubnetId;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** A subnet's addresses as a bitmap; the first four and the last are the cloud's. */
final class ModelSubnet {
  private static final int BLOCK = 16;

  final SubnetId id;
  final String zone;
  final Cidr cidr;
  private final int size;
  private final BitSet used;

  /** Addresses of somebody who has nothing to do with the cluster. */
  private final BitSet foreign = new BitSet();

  ModelSubnet(SubnetId id, String zone, Cidr cidr) {
    this.id = id;
    this.zone = zone;
    this.cidr = cidr;
    this.size = cidr.size().intValueExact();
    this.used = new BitSet(size);
    used.set(0, 4);
    used.set(size - 1);
  }

  int free() {
    return size - used.cardinality();
  }

  /** {@code count} addresses, scattered, or none at all. */
  Optional<List<IpAddress>> takeSingles(int count, RandomGenerator random) {
    if (free() < count) {
      return Optional.empty();
    }
    List<IpAddress> taken = new ArrayList<>();
    while (taken.size() < count) {
      int at = used.nextClearBit(random.nextInt(size));
      if (at >= size) {
        at = used.nextClearBit(0);
      }
      used.set(at);
      taken.add(cidr.address(at));
    }
    return Optional.of(taken);
  }

  /** {@code count} aligned blocks of 16, or none at all. */
  Optional<List<Cidr>> takeBlocks(int count) {
    List<Cidr> taken = new ArrayList<>();
    for (int at = 0; at + BLOCK <= size && taken.size() < count; at += BLOCK) {
      if (used.get(at, at + BLOCK).isEmpty()) {
        taken.add(new Cidr(cidr.address(at), 28));
      }
    }
    if (taken.size() < count) {
      return Optional.empty();
    }
    taken.forEach(block -> mark(block, true));
    return Optional.of(taken);
  }

  void giveBack(Cidr block) {
    mark(block, false);
  }

  /** Somebody else's address in every block: no /28 is whole any more. */
  void fragment() {
    for (int at = 0; at < size; at += BLOCK) {
      if (!used.get(at + 8)) {
        used.set(at + 8);
        foreign.set(at + 8);
      }
    }
  }

  void defragment() {
    used.andNot(foreign);
    foreign.clear();
  }

  private void mark(Cidr block, boolean taken) {
    int at = (int) (block.network().low() - cidr.network().low());
    used.set(at, at + block.size().intValueExact(), taken);
  }
}
