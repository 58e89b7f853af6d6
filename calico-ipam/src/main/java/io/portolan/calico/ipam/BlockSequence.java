package io.portolan.calico.ipam;

import io.portolan.calico.model.IpPool;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * The blocks of a pool, each once, in the order in which an owner tries them: from a place that its
 * name decides, so that owners that claim at the same time seldom want the same block.
 *
 * <p>Who gets a block is settled by the store, so the order needs not be Calico's.
 */
final class BlockSequence implements Iterable<Cidr> {
  private final IpPool pool;
  private final BigInteger count;
  private final BigInteger start;

  /**
   * @param seed moves the place on, where many owners look for very small blocks
   */
  BlockSequence(IpPool pool, String owner, long seed) {
    this.pool = pool;
    count = BigInteger.ONE.shiftLeft(pool.blockSize() - pool.cidr().prefixLength());
    BigInteger hash = BigInteger.valueOf(mixed(fnv(owner) + seed)).and(mask(64));
    start = hash.mod(count);
  }

  /** How many blocks there are. */
  BigInteger count() {
    return count;
  }

  private static BigInteger mask(int bits) {
    return BigInteger.ONE.shiftLeft(bits).subtract(BigInteger.ONE);
  }

  /** FNV-1, 64 bits. */
  private static long fnv(String text) {
    long hash = 0xcbf29ce484222325L;
    for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
      hash = hash * 0x100000001b3L ^ (each & 255);
    }
    return hash;
  }

  /** Spreads what differs in the low bits only, as names of nodes do (splitmix64). */
  private static long mixed(long value) {
    long x = value + 0x9e3779b97f4a7c15L;
    x = (x ^ x >>> 30) * 0xbf58476d1ce4e5b9L;
    x = (x ^ x >>> 27) * 0x94d049bb133111ebL;
    return x ^ x >>> 31;
  }

  /** The block at an index, 0 being the pool's first. */
  private Cidr block(BigInteger index) {
    IpFamily family = pool.cidr().family();
    IpAddress base = pool.cidr().network();
    BigInteger offset = index.shiftLeft(family.bits() - pool.blockSize());
    BigInteger low = unsigned(base.low()).add(offset.and(mask(64)));
    BigInteger high = unsigned(base.high()).add(offset.shiftRight(64)).add(low.shiftRight(64));
    return new Cidr(new IpAddress(family, high.longValue(), low.longValue()), pool.blockSize());
  }

  private static BigInteger unsigned(long value) {
    return BigInteger.valueOf(value).and(mask(64));
  }

  @Override
  public Iterator<Cidr> iterator() {
    return new Iterator<>() {
      private BigInteger returned = BigInteger.ZERO;

      @Override
      public boolean hasNext() {
        return returned.compareTo(count) < 0;
      }

      @Override
      public Cidr next() {
        if (!hasNext()) {
          throw new NoSuchElementException("the pool has " + count + " blocks");
        }
        Cidr next = block(start.add(returned).mod(count));
        returned = returned.add(BigInteger.ONE);
        return next;
      }
    };
  }
}
