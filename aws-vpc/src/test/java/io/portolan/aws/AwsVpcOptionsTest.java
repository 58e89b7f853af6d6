package io.portolan.aws;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

final class AwsVpcOptionsTest {
  @Test
  void helpNamesEveryOptionWithItsDefault() {
    assertThat(run("--help"))
        .contains(
            "Usage: portolan-aws-vpc",
            "--cluster-name=NAME",
            "PORTOLAN_CLUSTER_NAME",
            "--ec2-endpoint=URL",
            "--[no-]leader-election",
            "Default: kube-system/portolan-aws-vpc",
            "Default: 0.0.0.0:9461",
            "JSON, TEXT: for collectors or for people. Default: JSON.",
            "--dry-run",
            "Exit codes: 0 ended as asked, 1 could not start, 2 wrong arguments.")
        .startsWith("0 ");
  }

  @Test
  void wrongArgumentsAreNamedWithTheFix() {
    assertThat(run()).startsWith("2 ").contains("--cluster-name");
    assertThat(run("--cluster-name=two words"))
        .isEqualTo(
            "2 --cluster-name 'two words': use 1 to 100 letters, digits, dots, dashes and"
                + " underscores\n");
    assertThat(run("--cluster-name=c1", "--metrics-address=here"))
        .startsWith("2 ")
        .contains("'here' is not HOST:PORT such as 127.0.0.1:9461, [::1]:9461 or :9461");
    assertThat(run("--cluster-name=c1", "--lease=here"))
        .isEqualTo("2 --lease 'here' is not NAMESPACE/NAME\n");
    assertThat(run("--cluster-name=c1", "--api-server=http://h", "--ec2-endpoint=ftp://x"))
        .startsWith("2 endpoint 'ftp://x' is not a URL such as https://ec2.");
  }

  @Test
  void withoutAnApiServerItSaysHowToNameOne() {
    assertThat(run("--cluster-name=c1", "--kubeconfig=/nonexistent"))
        .isEqualTo(
            "1 kubeconfig /nonexistent cannot be read; give --kubeconfig an existing file\n");
    assertThat(run("--cluster-name=c1"))
        .startsWith("1 not running in a pod")
        .endsWith("give --kubeconfig FILE or --api-server URL\n");
  }

  private static String run(String... args) {
    StringWriter out = new StringWriter();
    CommandLine command =
        new CommandLine(new AwsVpcMain())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(out, true))
            .setUsageHelpWidth(200);
    return command.execute(args) + " " + out;
  }
}
