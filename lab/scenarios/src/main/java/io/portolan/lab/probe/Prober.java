package io.portolan.lab.probe;

import io.portolan.common.net.IpAddress;
import io.portolan.lab.matrix.Answer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tries many connections at once and reads the greeting of each that is answered. */
public final class Prober {
  private Prober() {}

  /**
   * @param timeout how long silence must last to count as silence; one initial retransmission (1 s)
   *     should fit, so that one lost packet is no denial
   * @return an answer for every attempt, in the order given; all channels are closed
   */
  public static <K> Map<K, Answer> run(List<Attempt<K>> attempts, Duration timeout)
      throws IOException {
    Map<K, Answer> answers = new LinkedHashMap<>();
    attempts.forEach(attempt -> answers.put(attempt.id(), new Answer.TimedOut()));
    try (Selector selector = Selector.open()) {
      for (Attempt<K> attempt : attempts) {
        start(selector, attempt, answers);
      }
      long deadline = System.nanoTime() + timeout.toNanos();
      long left = timeout.toMillis();
      while (!selector.keys().isEmpty() && left > 0) {
        selector.select(left);
        Iterator<SelectionKey> ready = selector.selectedKeys().iterator();
        while (ready.hasNext()) {
          SelectionKey key = ready.next();
          ready.remove();
          @SuppressWarnings("unchecked") // attached in start()
          Conversation<K> conversation = (Conversation<K>) key.attachment();
          conversation.advance(key, answers);
        }
        selector.selectNow(); // drops cancelled keys, so that the loop ends with the last answer
        left = (deadline - System.nanoTime()) / 1_000_000;
      }
    } finally {
      for (Attempt<K> attempt : attempts) {
        attempt.channel().close();
      }
    }
    return answers;
  }

  private static <K> void start(Selector selector, Attempt<K> attempt, Map<K, Answer> answers) {
    try {
      attempt.channel().configureBlocking(false);
      boolean connected = attempt.channel().connect(attempt.target());
      attempt
          .channel()
          .register(
              selector,
              connected ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT,
              new Conversation<>(attempt.id(), ByteBuffer.allocate(256)));
    } catch (IOException e) {
      answers.put(attempt.id(), new Answer.Refused(String.valueOf(e.getMessage())));
    }
  }

  /** A connection in progress: connecting, then reading the greeting to its end of line. */
  private record Conversation<K>(K id, ByteBuffer read) {
    void advance(SelectionKey key, Map<K, Answer> answers) {
      SocketChannel channel = (SocketChannel) key.channel();
      try {
        if (key.isConnectable() && channel.finishConnect()) {
          key.interestOps(SelectionKey.OP_READ);
        }
        if (key.isReadable()) {
          boolean ended = channel.read(read) < 0 || !read.hasRemaining();
          String text = StandardCharsets.US_ASCII.decode(read.duplicate().flip()).toString();
          if (text.endsWith("\n")) {
            answers.put(id, greeting(text.strip()));
            channel.close();
          } else if (ended) {
            answers.put(id, new Answer.Refused("closed without a greeting"));
            channel.close();
          }
        }
      } catch (IOException e) {
        answers.put(id, new Answer.Refused(String.valueOf(e.getMessage())));
        key.cancel();
      }
    }

    private static Answer greeting(String text) {
      int space = text.indexOf(' ');
      return space < 0
          ? new Answer.Refused("unintelligible greeting")
          : new Answer.Connected(
              text.substring(0, space), IpAddress.parse(text.substring(space + 1)));
    }
  }
}
