package io.portolan.common.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.event.KeyValuePair;

/**
 * {@code {"ts":…,"level":…,"logger":…,"msg":…,KEY:VALUE…,"error":…}}: the keys of an event come
 * from its key-value pairs and from the MDC, in order, as texts.
 */
final class JsonLines extends LayoutBase<ILoggingEvent> {
  private static final JsonStringEncoder ENCODER = JsonStringEncoder.getInstance();

  @Override
  public String doLayout(ILoggingEvent event) {
    StringBuilder line = new StringBuilder(200);
    line.append('{');
    field(line, "ts", event.getInstant().toString());
    field(line, "level", event.getLevel().toString());
    field(line, "logger", event.getLoggerName());
    field(line, "msg", String.valueOf(event.getFormattedMessage()));
    pairs(event).forEach((key, value) -> field(line, key, value));
    IThrowableProxy throwable = event.getThrowableProxy();
    if (throwable != null) {
      field(line, "error", ThrowableProxyUtil.asString(throwable));
    }
    return line.append("}\n").toString();
  }

  /** Key-value pairs win over the MDC; neither replaces a fixed key. */
  static Map<String, String> pairs(ILoggingEvent event) {
    Map<String, String> pairs = new TreeMap<>(event.getMDCPropertyMap());
    List<KeyValuePair> own = event.getKeyValuePairs();
    if (own != null) {
      own.forEach(pair -> pairs.put(pair.key, String.valueOf(pair.value)));
    }
    for (String fixed : List.of("ts", "level", "logger", "msg", "error")) {
      String clash = pairs.remove(fixed);
      if (clash != null) {
        pairs.put(fixed + "_", clash);
      }
    }
    return pairs;
  }

  private static void field(StringBuilder line, String key, String value) {
    if (line.length() > 1) {
      line.append(',');
    }
    line.append('"');
    ENCODER.quoteAsString(key, line);
    line.append("\":\"");
    ENCODER.quoteAsString(value, line);
    line.append('"');
  }
}
