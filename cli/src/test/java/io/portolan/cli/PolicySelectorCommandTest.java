package io.portolan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicySelectorCommandTest {
  private static final String CASES =
      """
      {"selector":"has(a)","labels":{"a":"☂"}}
      {"selector":"has (a)"}
      """;
  private static final String ANSWERS =
      """
      {"selector":"has(a)","labels":{"a":"☂"},"valid":true,"match":true,"canonical":"has(a)","error":null}
      {"selector":"has (a)","labels":{},"valid":false,"match":false,"canonical":null,"error":"column 5: expected an operator (==, !=, in, not in, contains, starts with, ends with) after a label, found '('"}
      """;

  private final PrintStream standardOutput = System.out;
  private final InputStream standardInput = System.in;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final StringWriter err = new StringWriter();

  @TempDir private Path directory = Path.of("");

  @AfterEach
  void giveBack() {
    System.setOut(standardOutput);
    System.setIn(standardInput);
  }

  @Test
  void answersAPerson() {
    assertThat(run("app == 'web' && !has(x)", "--labels", "app=web,y=")).isZero();
    assertThat(printed())
        .isEqualTo(
            """
            valid      yes
            match      yes
            canonical  (app == "web" && !has(x))
            """);
  }

  @Test
  void showsWhereItIsWrong() {
    assertThat(run("app == web")).isZero();
    assertThat(printed())
        .isEqualTo(
            """
            valid      no
            error      column 8: expected a quoted string after '==', found 'web'
            """);
  }

  @Test
  void answersAProgram() {
    assertThat(run("", "-o", "json", "--labels", "a=b=c", "--labels", "d=")).isZero();
    assertThat(printed())
        .isEqualTo(
            """
            {"selector":"","labels":{"a":"b=c","d":""},"valid":true,"match":true,"canonical":"all()","error":null}
            """);
  }

  @Test
  void answersCasesFromAFile() throws IOException {
    Path file = Files.writeString(directory.resolve("cases.jsonl"), CASES);
    assertThat(run("--cases", file.toString())).isZero();
    assertThat(printed()).isEqualTo(ANSWERS);
  }

  @Test
  void answersCompressedCases() throws IOException {
    Path file = directory.resolve("cases.jsonl.gz");
    try (OutputStream compressed = new GZIPOutputStream(Files.newOutputStream(file))) {
      compressed.write(CASES.getBytes(StandardCharsets.UTF_8));
    }
    assertThat(run("--cases", file.toString())).isZero();
    assertThat(printed()).isEqualTo(ANSWERS);
  }

  @Test
  void malformedCasesAreCountedAfterAllAreAnswered() {
    System.setIn(new ByteArrayInputStream(("{}\n" + CASES).getBytes(StandardCharsets.UTF_8)));
    assertThat(run("--cases", "-")).isEqualTo(2);
    assertThat(printed())
        .isEqualTo(
            """
            {"selector":null,"labels":null,"valid":false,"match":false,"canonical":null,"error":"line 1: there is no \\"selector\\""}
            """
                + ANSWERS);
    assertThat(err).hasToString("portolan: 1 of 3 lines are no case, the first is line 1\n");
  }

  @Test
  void saysWhatItNeeds() {
    assertThat(run()).isEqualTo(2);
    assertThat(run("--cases", "-", "has(a)")).isEqualTo(2);
    assertThat(run("--cases", directory.resolve("none").toString())).isEqualTo(2);
    assertThat(run("has(a)", "--labels", "a")).isEqualTo(2);
    assertThat(err.toString().lines().filter(line -> line.matches("(A |--cases .*:|Value ).*")))
        .hasSize(4);
    assertThat(printed()).isEmpty();
  }

  @Test
  void namesTheFileThatCannotBeRead() throws IOException {
    Path file = Files.writeString(directory.resolve("plain.gz"), CASES);
    assertThat(run("--cases", file.toString())).isEqualTo(1);
    assertThat(err).hasToString("portolan: --cases " + file + ": Not in GZIP format\n");
  }

  private int run(String... arguments) {
    System.setOut(new PrintStream(out, false, StandardCharsets.UTF_8));
    String[] all = new String[arguments.length + 2];
    all[0] = "policy";
    all[1] = "selector";
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    return Portolan.commandLine().setErr(new PrintWriter(err, true)).execute(all);
  }

  private String printed() {
    return out.toString(StandardCharsets.UTF_8);
  }
}
