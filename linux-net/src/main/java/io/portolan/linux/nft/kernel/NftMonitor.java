package io.portolan.linux.nft.kernel;

import io.portolan.linux.netlink.AttributeReader;
import io.portolan.linux.netlink.NetlinkBuffers;
import io.portolan.linux.netlink.NetlinkMessage;
import io.portolan.linux.netlink.NetlinkProtocol;
import io.portolan.linux.netlink.NetlinkSubscription;
import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.linux.nft.NftFamily;
import io.portolan.linux.nft.NftTable;
import java.time.Duration;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/**
 * Hears of transactions, to notice that somebody else changed a table.
 *
 * <p>The kernel writes a notification for every object of every transaction while anyone listens,
 * our own included: a program that commits many thousand elements at once compares {@link
 * KernelNftTables#generation()} with the number of its own commits instead, and listens only when
 * they differ.
 *
 * <p>One thread reads; any thread may close.
 */
public final class NftMonitor implements AutoCloseable {
  /** NFNLGRP_NFTABLES of linux/netfilter/nfnetlink.h. */
  private static final int GROUP = 7;

  private static final int GEN_PROC_PID = 2;
  private static final int GEN_PROC_NAME = 3;

  /** The first attribute of every message of nf_tables is the table's name. */
  private static final int TABLE_NAME = 1;

  private final NetlinkSubscription subscription;
  private final Set<String> touched = new TreeSet<>();

  private NftMonitor(NetlinkSubscription subscription) {
    this.subscription = subscription;
  }

  /** Listens in a namespace. What is committed afterwards is heard: read the state after this. */
  public static NftMonitor open(NetworkNamespace namespace) {
    return new NftMonitor(
        namespace.call(() ->
            NetlinkSubscription.open(NetlinkProtocol.NETFILTER, NetlinkBuffers.LARGE, GROUP)));
  }

  /** What was heard. */
  public sealed interface Notice {
    /** Nothing, in the time given. */
    record Quiet() implements Notice {}

    /** More than could be kept: read the tables. */
    record Lost() implements Notice {}

    /** The monitor is closed. */
    record Closed() implements Notice {}

    /**
     * A transaction.
     *
     * @param generation that it began
     * @param portId of the socket that committed; {@link KernelNftTables#portId()} if we did
     * @param processId who committed
     * @param processName the first 15 bytes of the program's name
     * @param tables as {@link NftTable#id()} says them
     */
    record Committed(
        long generation, int portId, int processId, String processName, Set<String> tables)
        implements Notice {
      public Committed {
        tables = Collections.unmodifiableSet(new TreeSet<>(tables));
      }

      public boolean touches(NftTable table) {
        return tables.contains(table.id());
      }
    }
  }

  /** Waits for the next transaction, at most {@code timeout}. */
  public Notice next(Duration timeout) {
    Notice[] notice = {new Notice.Quiet()};
    long deadline = System.nanoTime() + timeout.toNanos();
    while (notice[0] instanceof Notice.Quiet) {
      Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
      switch (subscription.receive(left, message -> hear(message, notice))) {
        case RECEIVED -> {}
        case IDLE -> {
          return notice[0];
        }
        case OVERRUN -> {
          touched.clear();
          return new Notice.Lost();
        }
        case CLOSED -> {
          return new Notice.Closed();
        }
      }
    }
    return notice[0];
  }

  /** Objects come first, the generation that they began last, in a datagram of its own. */
  private void hear(NetlinkMessage message, Notice[] notice) {
    if (message.type() >>> 8 != Nfnl.SUBSYSTEM) {
      return;
    }
    AttributeReader in = message.attributes(Nfnl.HEADER_BYTES);
    if (message.type() != Nfnl.NEW_GEN) {
      String family = familyText(message.u8(0));
      while (in.next()) {
        if (in.type() == TABLE_NAME) {
          touched.add(family + " " + in.string());
        }
      }
      return;
    }
    long generation = 0;
    int processId = 0;
    String processName = "";
    while (in.next()) {
      switch (in.type()) {
        case Nfnl.GEN_ID -> generation = Integer.toUnsignedLong(in.u32BigEndian());
        case GEN_PROC_PID -> processId = in.u32BigEndian();
        case GEN_PROC_NAME -> processName = in.string();
        default -> {}
      }
    }
    notice[0] = new Notice.Committed(generation, message.portId(), processId, processName, touched);
    touched.clear();
  }

  private static String familyText(int number) {
    for (NftFamily family : NftFamily.values()) {
      if (family.number() == number) {
        return family.text();
      }
    }
    return "family " + number;
  }

  @Override
  public void close() {
    subscription.close();
  }
}
