package io.portolan.linux.netlink;

import io.portolan.linux.ffi.BufferPool;
import io.portolan.linux.ffi.Errno;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks the kernel of one network namespace and waits for its answers.
 *
 * <p>A socket belongs for ever to the namespace of the thread that opened it; any thread may use it
 * afterwards, one at a time: a second user at the same moment gets an {@link
 * IllegalStateException}. Requests block for as long as the kernel works on them, and with that the
 * carrier of a virtual thread.
 *
 * <p>Answers are matched by sequence number, so leftovers of an exchange that failed half-way are
 * passed over. The kernel lets nobody but itself and privileged processes send to a netlink port,
 * so the sender is not checked.
 */
public final class NetlinkSocket implements AutoCloseable {
  /**
   * Requests are carried out inside send(2) and their answers wait when it returns; only a lost
   * answer takes longer.
   */
  private static final int ANSWER_TIMEOUT_MILLIS = 10_000;

  /**
   * Acknowledgements of one datagram must fit the receive buffer even at its unprivileged size of
   * 208 KiB.
   */
  private static final int MESSAGES_PER_DATAGRAM = 128;

  private static final int DUMP_ATTEMPTS = 10;

  private final NetlinkChannel channel;
  private final AtomicReference<@Nullable Thread> user = new AtomicReference<>();
  private int sequence = 1;
  private boolean closed;

  private NetlinkSocket(NetlinkChannel channel) {
    this.channel = channel;
  }

  /**
   * Opens a socket in the network namespace of the calling thread.
   *
   * @throws io.portolan.linux.ffi.SystemCallException if the kernel refuses
   */
  public static NetlinkSocket open(NetlinkProtocol protocol) {
    return open(protocol, NetlinkBuffers.DEFAULT);
  }

  public static NetlinkSocket open(NetlinkProtocol protocol, NetlinkBuffers buffers) {
    return new NetlinkSocket(NetlinkChannel.open(protocol, buffers));
  }

  /**
   * The kernel's name for this socket; notifications caused by it carry it. 0 for one with {@link
   * NetlinkBuffers#SMALL} buffers.
   */
  public int portId() {
    return channel.portId();
  }

  /**
   * The largest batch {@link #transact} can send, in bytes: what was asked for, or less without
   * privilege over the machine.
   */
  public int transactionLimit() {
    return channel.sendLimit();
  }

  /**
   * Sends messages and waits for the answer to each. A failure does not keep later messages from
   * being carried out. Long batches go in several datagrams.
   *
   * @throws NetlinkException if the exchange itself failed and what became of the messages is
   *     unknown
   */
  public BatchResult execute(NetlinkBatch batch) {
    return execute(batch, (index, message) -> {});
  }

  /**
   * As {@link #execute(NetlinkBatch)}, handing what is answered besides acknowledgements to {@code
   * answers}.
   */
  public BatchResult execute(NetlinkBatch batch, AnswerConsumer answers) {
    acquire();
    try {
      NavigableMap<Integer, NetlinkException> failures = new TreeMap<>();
      int from = 0;
      while (from < batch.size()) {
        int to = from + 1;
        while (to < batch.size()
            && to - from < MESSAGES_PER_DATAGRAM
            && batch.end(to) - batch.start(from)
                <= Math.min(channel.sendLimit(), BufferPool.BUFFER_BYTES)) {
          to++;
        }
        new Exchange(batch, from, to, false, answers, failures).run();
        from = to;
      }
      return new BatchResult(failures);
    } finally {
      release();
    }
  }

  /**
   * Sends all messages as one datagram, for families that take it as one transaction (nfnetlink
   * batches). After a failure messages without one may be unanswered; they were not carried out
   * either.
   *
   * @throws NetlinkException if the exchange itself failed; EMSGSIZE if the batch is longer than
   *     {@link #transactionLimit}, in which case nothing was done
   */
  public BatchResult transact(NetlinkBatch batch) {
    return transact(batch, (index, message) -> {});
  }

  /**
   * As {@link #transact(NetlinkBatch)}, handing what is answered besides acknowledgements to {@code
   * answers}.
   */
  public BatchResult transact(NetlinkBatch batch, AnswerConsumer answers) {
    acquire();
    try {
      NavigableMap<Integer, NetlinkException> failures = new TreeMap<>();
      if (!batch.isEmpty()) {
        new Exchange(batch, 0, batch.size(), true, answers, failures).run();
      }
      return new BatchResult(failures);
    } finally {
      release();
    }
  }

  /**
   * Asks for one object.
   *
   * @throws NetlinkException if the kernel refuses, as for an object that does not exist
   */
  public <T> List<T> query(
      int type,
      Supplier<String> description,
      Consumer<AttributeWriter> body,
      MessageDecoder<T> decoder) {
    List<T> found = new ArrayList<>();
    NetlinkBatch batch = new NetlinkBatch().add(type, NetlinkFlags.ACK, description, body);
    execute(batch, (index, message) -> decoder.decode(message, found::add)).throwIfFailed();
    return found;
  }

  /**
   * Lists objects, again from the start if they change meanwhile (NLM_F_DUMP_INTR).
   *
   * @throws NetlinkException if the kernel refuses; EINTR if the objects changed during each of ten
   *     attempts
   */
  public <T> List<T> dump(
      int type,
      Supplier<String> description,
      Consumer<AttributeWriter> body,
      MessageDecoder<T> decoder) {
    NetlinkBatch batch = new NetlinkBatch().add(type, NetlinkFlags.DUMP, description, body);
    acquire();
    try {
      for (int attempt = 0; attempt < DUMP_ATTEMPTS; attempt++) {
        List<T> found = new ArrayList<>();
        if (new Dump<>(batch, decoder, found).run()) {
          return found;
        }
      }
      throw new NetlinkException(
          description.get(),
          Errno.EINTR,
          "changed during each of " + DUMP_ATTEMPTS + " attempts to list it",
          -1);
    } finally {
      release();
    }
  }

  @Override
  public void close() {
    Thread current = Thread.currentThread();
    Thread other = user.compareAndExchange(null, current);
    if (other != null) {
      throw new IllegalStateException(
          "netlink socket closed by " + current + " while " + other + " uses it");
    }
    try {
      if (!closed) {
        closed = true;
        channel.close();
      }
    } finally {
      user.set(null);
    }
  }

  /** For a subscription that takes it over; this socket is not used any more then. */
  NetlinkChannel channel() {
    return channel;
  }

  private void acquire() {
    Thread current = Thread.currentThread();
    Thread other = user.compareAndExchange(null, current);
    if (other != null) {
      throw new IllegalStateException(
          "netlink socket used by " + current + " while " + other + " uses it; open one for each");
    }
    if (closed) {
      user.set(null);
      throw new IllegalStateException("netlink socket is closed");
    }
  }

  private void release() {
    user.set(null);
  }

  /** Next datagram's messages to {@code each}; false if none waits and {@code patient} is false. */
  private boolean receive(
      boolean patient, Supplier<String> request, Consumer<NetlinkMessage> each) {
    int length = channel.receive();
    while (length == -Errno.EAGAIN) {
      if (!patient) {
        return false;
      }
      if (channel.await(-1, ANSWER_TIMEOUT_MILLIS) == 0) {
        throw new NetlinkException(
            request.get(), Errno.ETIMEDOUT, "no answer in " + ANSWER_TIMEOUT_MILLIS + " ms", -1);
      }
      length = channel.receive();
    }
    if (length < 0) {
      throw new NetlinkException(request.get() + ": receive", -length);
    }
    ByteBuffer bytes = channel.received();
    int start = 0;
    while (length - start >= NetlinkHeader.BYTES) {
      NetlinkMessage message = NetlinkMessage.at(bytes, start, length);
      each.accept(message);
      start = message.nextStart(length);
    }
    return true;
  }

  private void send(NetlinkBatch batch, int from, int to) {
    int result = channel.send(batch.array(), batch.start(from), batch.end(to - 1));
    if (result < 0) {
      String text =
          -result == Errno.EMSGSIZE
              ? "the socket sends at most " + channel.sendLimit() + " bytes"
              : "";
      throw new NetlinkException(batch.describe(from) + ": send", -result, text, -1);
    }
  }

  /** One datagram of requests and its answers. */
  private final class Exchange {
    private final NetlinkBatch batch;
    private final int from;
    private final int to;
    private final boolean atomic;
    private final AnswerConsumer answers;
    private final Map<Integer, NetlinkException> failures;
    private final int firstSequence;
    private final boolean[] answered;
    private int missing;

    Exchange(
        NetlinkBatch batch,
        int from,
        int to,
        boolean atomic,
        AnswerConsumer answers,
        Map<Integer, NetlinkException> failures) {
      this.batch = batch;
      this.from = from;
      this.to = to;
      this.atomic = atomic;
      this.answers = answers;
      this.failures = failures;
      this.firstSequence = sequence;
      this.answered = new boolean[to - from];
      sequence += to - from;
    }

    void run() {
      boolean allAcknowledged = true;
      for (int i = from; i < to; i++) {
        batch.number(i, firstSequence + i - from);
        allAcknowledged &= batch.acknowledged(i);
      }
      // Failures are answered in any case, and before the last message is: its acknowledgement says
      // that all others without an answer succeeded.
      boolean lastOnly = !atomic && allAcknowledged;
      for (int i = from; i < to; i++) {
        boolean always = lastOnly ? i == to - 1 : batch.acknowledged(i);
        batch.acknowledge(i, always);
        missing += always ? 1 : 0;
      }
      send(batch, from, to);
      // Without ACK, silence means success: all answers wait when send returns, so an empty socket
      // is silence.
      while (missing > 0 || !allAcknowledged) {
        boolean patient = missing > 0 && !(atomic && !failures.isEmpty());
        if (!receive(patient, () -> batch.describe(from), this::answer)) {
          return;
        }
      }
    }

    private void answer(NetlinkMessage message) {
      int offset = message.sequence() - firstSequence;
      if (offset < 0 || offset >= answered.length) {
        return;
      }
      int index = from + offset;
      if (message.type() != NetlinkHeader.ERROR) {
        if (message.type() > NetlinkHeader.OVERRUN) {
          answers.accept(index, message);
        }
        return;
      }
      if (!answered[offset]) {
        answered[offset] = true;
        missing -= batch.isAnsweredAlways(index) ? 1 : 0;
      }
      Acknowledgement acknowledgement = Acknowledgement.of(message);
      if (acknowledgement.failed()) {
        failures.putIfAbsent(index, acknowledgement.exception(batch.describe(index)));
      }
    }
  }

  /** One attempt at a dump. */
  private final class Dump<T> {
    private final NetlinkBatch batch;
    private final MessageDecoder<T> decoder;
    private final List<T> found;
    private final int own = sequence++;
    private boolean done;
    private boolean interrupted;
    private @Nullable RuntimeException failure;

    Dump(NetlinkBatch batch, MessageDecoder<T> decoder, List<T> found) {
      this.batch = batch;
      this.decoder = decoder;
      this.found = found;
    }

    /** Whether the listing is consistent. */
    boolean run() {
      batch.number(0, own);
      send(batch, 0, 1);
      while (!done) {
        receive(true, () -> batch.describe(0), this::part);
      }
      if (failure != null) {
        throw failure;
      }
      return !interrupted;
    }

    private void part(NetlinkMessage message) {
      if (message.sequence() != own || done) {
        return;
      }
      interrupted |= (message.flags() & NetlinkFlags.DUMP_INTERRUPTED) != 0;
      // A dump left unread would make the next one fail with EBUSY, so a failure is kept until the
      // end is read.
      try {
        switch (message.type()) {
          case NetlinkHeader.NOOP, NetlinkHeader.OVERRUN -> {}
          case NetlinkHeader.DONE, NetlinkHeader.ERROR -> {
            done = true;
            Acknowledgement acknowledgement = Acknowledgement.of(message);
            if (acknowledgement.failed() && failure == null) {
              failure = acknowledgement.exception(batch.describe(0));
            }
          }
          default -> {
            if (failure == null) {
              decoder.decode(message, found::add);
            }
          }
        }
      } catch (RuntimeException e) {
        failure = failure == null ? e : failure;
      }
    }
  }
}
