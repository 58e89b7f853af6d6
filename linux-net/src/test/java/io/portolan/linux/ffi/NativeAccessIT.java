package io.portolan.linux.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class NativeAccessIT {
  /** Calls the kernel twice and prints what came of it. */
  static final class Caller {
    private Caller() {}

    public static void main(String[] arguments) {
      for (int i = 0; i < 2; i++) {
        try {
          System.out.println("close: " + Errno.name(-SystemCalls.linux().close(-1)));
        } catch (IllegalStateException e) {
          System.out.println(e.getMessage());
        }
      }
    }
  }

  @Test
  void refusedNativeAccessNamesTheFlagEachTime() throws Exception {
    assertThat(run("--illegal-native-access=deny"))
        .containsPattern(
            "(?s)--enable-native-access=ALL-UNNAMED.*--enable-native-access=ALL-UNNAMED");
  }

  @Test
  void grantedNativeAccessWarnsOfNothing() throws Exception {
    assertThat(run("--illegal-native-access=deny", "--enable-native-access=ALL-UNNAMED"))
        .isEqualTo("close: EBADF\nclose: EBADF\n");
  }

  @Test
  void heapBuffersAreRefused() {
    assertThatThrownBy(() -> SystemCalls.linux().send(-1, ByteBuffer.allocate(4), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must be direct");
  }

  private static String run(String... options) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin/java").toString());
    builder.command().addAll(List.of(options));
    builder
        .command()
        .addAll(List.of("-cp", System.getProperty("java.class.path"), Caller.class.getName()));
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return output;
  }
}
