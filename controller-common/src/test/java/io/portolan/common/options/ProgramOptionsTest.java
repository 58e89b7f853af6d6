package io.portolan.common.options;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.net.ListenAddress;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

final class ProgramOptionsTest {
  @Command(name = "program", mixinStandardHelpOptions = true)
  static final class Program implements Runnable {
    @Option(
        names = "--metrics-address",
        converter = ListenAddressConverter.class,
        defaultValue = "127.0.0.1:9")
    ListenAddress address = new ListenAddress("", 0);

    @Mixin LoggingOptions logging = new LoggingOptions();

    @Override
    public void run() {}
  }

  @Test
  void addressesAreReadAsTheyAreWritten() {
    StringBuilder read = new StringBuilder();
    for (String text : new String[] {"0.0.0.0:9461", "[::1]:80", ":9461", "node-1.example:0"}) {
      ListenAddress address = ListenAddress.parse(text);
      read.append(address.host()).append('|').append(address.port()).append(' ').append(address);
      read.append('\n');
    }
    assertThat(read.toString())
        .isEqualTo(
            """
            0.0.0.0|9461 0.0.0.0:9461
            ::1|80 [::1]:80
            |9461 :9461
            node-1.example|0 node-1.example:0
            """);
    assertThat(ListenAddress.parse("[::1]:80").toSocketAddress().getAddress().getHostAddress())
        .isEqualTo("0:0:0:0:0:0:0:1");
    assertThat(ListenAddress.parse(":80").toSocketAddress().getAddress().isAnyLocalAddress())
        .isTrue();
  }

  @Test
  void whatIsNoAddressIsRefusedByTheNameOfTheOption() {
    for (String wrong : new String[] {"here", "::1:80", "h:", "h:65536", "h:-1", "[::1]80", ""}) {
      assertThat(run("--metrics-address=" + wrong))
          .startsWith("2 ")
          .contains(
              "--metrics-address",
              "'" + wrong + "' is not HOST:PORT such as 127.0.0.1:9461, [::1]:9461 or :9461");
    }
  }

  @Test
  void helpNamesTheDefaults() {
    assertThat(run("--help"))
        .contains("JSON, TEXT: for collectors or for people. Default: JSON.", "Default: INFO.");
  }

  private static String run(String... arguments) {
    StringWriter out = new StringWriter();
    int code =
        new CommandLine(new Program())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(out, true))
            .setUsageHelpWidth(200)
            .execute(arguments);
    return code + " " + out;
  }
}
