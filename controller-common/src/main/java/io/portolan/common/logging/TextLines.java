package io.portolan.common.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;

/** {@code 12:34:56.789 INFO KubeWatch: message key=value}; the time is UTC. */
final class TextLines extends LayoutBase<ILoggingEvent> {
  @Override
  public String doLayout(ILoggingEvent event) {
    String time = event.getInstant().toString();
    int t = time.indexOf('T');
    StringBuilder line = new StringBuilder(120);
    line.append(time, t + 1, Math.min(time.length() - 1, t + 13)).append(' ');
    String level = event.getLevel().toString();
    line.append(level).append(" ".repeat(Math.max(1, 6 - level.length())));
    String logger = event.getLoggerName();
    line.append(logger, logger.lastIndexOf('.') + 1, logger.length()).append(": ");
    line.append(printable(String.valueOf(event.getFormattedMessage())));
    JsonLines.pairs(event)
        .forEach((key, value) -> line.append(' ').append(key).append('=').append(printable(value)));
    line.append('\n');
    IThrowableProxy throwable = event.getThrowableProxy();
    if (throwable != null) {
      line.append(ThrowableProxyUtil.asString(throwable));
    }
    return line.toString();
  }

  /** An input must not be able to forge a line. */
  private static String printable(String text) {
    return text.replace("\n", "\\n").replace("\r", "\\r").replace("\u001b", "\\u001b");
  }
}
