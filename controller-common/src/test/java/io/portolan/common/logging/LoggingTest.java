package io.portolan.common.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.ContextInitializer;
import ch.qos.logback.core.joran.spi.JoranException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;

class LoggingTest {
  private static LoggingEvent event(String message) {
    LoggingEvent event =
        new LoggingEvent(
            "", new LoggerContext().getLogger("io.portolan.x.Y"), Level.WARN, message, null, null);
    event.setInstant(Instant.parse("2026-05-06T07:08:09.123456Z"));
    event.setMDCPropertyMap(Map.of("node", "n1"));
    return event;
  }

  @Test
  void aJsonLineHasStableKeys() {
    LoggingEvent event = event("lost \"eni-1\"\nagain");
    event.setKeyValuePairs(List.of(new KeyValuePair("eni", "eni-1"), new KeyValuePair("msg", 7)));
    assertThat(new JsonLines().doLayout(event))
        .isEqualTo(
            "{\"ts\":\"2026-05-06T07:08:09.123456Z\",\"level\":\"WARN\",\"logger\":\"io.portolan.x.Y\",\"msg\":\"lost"
                + " \\\"eni-1\\\"\\nagain\",\"eni\":\"eni-1\",\"msg_\":\"7\",\"node\":\"n1\"}\n");
  }

  @Test
  void aStackTraceStaysOnItsLine() throws IOException {
    LoggingEvent event = event("failed");
    event.setThrowableProxy(new ch.qos.logback.classic.spi.ThrowableProxy(new IOException("no")));
    String line = new JsonLines().doLayout(event);
    assertThat(line.indexOf('\n')).isEqualTo(line.length() - 1);
    JsonNode json = new ObjectMapper().readTree(line);
    assertThat(json.path("error").asText()).startsWith("java.io.IOException: no");
  }

  @Test
  void aTextLineCannotBeForged() {
    assertThat(new TextLines().doLayout(event("pod x\n12:00:00.000 INFO  Y: fine")))
        .isEqualTo("07:08:09.123 WARN  Y: pod x\\n12:00:00.000 INFO  Y: fine node=n1\n");
  }

  /** The tests behind this one in the same JVM log as they are configured to. */
  @AfterEach
  void restore() throws JoranException {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    new ContextInitializer(context).autoConfig();
  }

  @Test
  void librariesOnlyWarn() {
    PrintStream before = System.err;
    ByteArrayOutputStream captured = new ByteArrayOutputStream();
    System.setErr(new PrintStream(captured, true, StandardCharsets.UTF_8));
    try {
      Logging.configure(Logging.Format.TEXT, Logging.Threshold.DEBUG);
      LoggerFactory.getLogger("io.portolan.a.B").debug("ours");
      LoggerFactory.getLogger("software.amazon.awssdk.request").info("theirs, with a token");
      LoggerFactory.getLogger("software.amazon.awssdk.request").warn("theirs, a warning");
    } finally {
      System.setErr(before);
    }
    assertThat(captured.toString(StandardCharsets.UTF_8).lines().map(l -> l.substring(13)))
        .containsExactly("DEBUG B: ours", "WARN  request: theirs, a warning");
  }
}
