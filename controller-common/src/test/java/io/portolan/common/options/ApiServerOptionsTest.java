package io.portolan.common.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.portolan.common.kube.KubeClient;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** What programs say to who tells them where they are and whom to ask. */
class ApiServerOptionsTest {
  @Command(name = "program", sortOptions = false)
  private static final class Program implements Callable<Integer> {
    @Mixin private NodeNameOption node = new NodeNameOption();

    @Mixin private ApiServerOptions api = new ApiServerOptions();

    private String reached = "";

    @Override
    public Integer call() {
      try (KubeClient _ = api.connect("test")) {
        reached = node.name();
      }
      return 0;
    }
  }

  private static String run(String... arguments) {
    Program program = new Program();
    StringWriter err = new StringWriter();
    int code =
        new CommandLine(program)
            .setErr(new PrintWriter(err, true))
            .setExecutionExceptionHandler((e, command, _) -> {
              command.getErr().println(e.getMessage());
              return 1;
            })
            .execute(arguments);
    return code + " " + program.reached + err.toString().replaceAll("(?s)\n.*", "");
  }

  @Test
  void oneWayToTheApiServerIsTaken() {
    assertThat(run("--node-name=n1", "--api-server=http://127.0.0.1:1")).isEqualTo("0 n1");
    assertThat(run("--node-name=n1", "--kubeconfig=/none"))
        .isEqualTo("1 kubeconfig /none cannot be read; give --kubeconfig an existing file");
    assertThat(run("--node-name=n1", "--kubeconfig=/none", "--api-server=http://127.0.0.1:1"))
        .isEqualTo(
            "2 Error: --kubeconfig=FILE, --api-server=URL are mutually exclusive (specify only"
                + " one)");
  }

  @Test
  void aNodeHasAName() {
    assertThat(run("--node-name=", "--api-server=http://127.0.0.1:1"))
        .isEqualTo("2 --node-name is empty; give the name of this node");
    assumeThat(System.getenv("NODE_NAME")).isNull();
    assertThat(run("--api-server=http://127.0.0.1:1"))
        .isEqualTo("2 Missing required option: '--node-name=NAME'");
  }
}
