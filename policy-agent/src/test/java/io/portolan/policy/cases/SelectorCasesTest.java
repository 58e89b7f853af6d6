package io.portolan.policy.cases;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SelectorCasesTest {

  @Test
  void everyLineIsAnswered() throws IOException {
    String cases =
        """
        {"selector":"a == 'b'","labels":{"a":"b"}}
        {"selector":"a == 'é'","labels":{"a":"b","é":"☂"},"name":"ignored","tags":[{}]}

        {"labels":{"a":"b"},"selector":"a = 'b'"}
        {"selector":""}
        {"selector":"has(a)","labels":null}
        {"selector":"a == '\\ud800'"}
        no JSON
        ["selector"]
        {"labels":{}}
        {"selector":null}
        {"selector":"all()","labels":[]}
        {"selector":"all()","labels":{"a":1}}
        {"selector":"all()"} {"selector":"all()"}
        {"selector":"all()"
        {"selector":"has(a)","labels":{"a":""}}\r
        {"selector":"all()","labels":{}}\
        """;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    var summary = SelectorCases.answer(bytes(cases), out);
    assertThat(out.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            """
            {"selector":"a == 'b'","labels":{"a":"b"},"valid":true,"match":true,"canonical":"a == \\"b\\"","error":null}
            {"selector":"a == 'é'","labels":{"a":"b","é":"☂"},"valid":true,"match":false,"canonical":"a == \\"é\\"","error":null}
            {"selector":"a = 'b'","labels":{"a":"b"},"valid":false,"match":false,"canonical":null,"error":"column 3: expected an operator (==, !=, in, not in, contains, starts with, ends with) after a label, found '='"}
            {"selector":"","labels":{},"valid":true,"match":true,"canonical":"all()","error":null}
            {"selector":"has(a)","labels":{},"valid":true,"match":false,"canonical":"has(a)","error":null}
            {"selector":"a == '\uFFFD'","labels":{},"valid":true,"match":false,"canonical":"a == \\"\uFFFD\\"","error":null}
            {"selector":null,"labels":null,"valid":false,"match":false,"canonical":null,"error":"line 8: not JSON at byte 1: Unrecognized token 'no': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"}
            {"selector":null,"labels":null,"valid":false,"match":false,"canonical":null,"error":"line 9: expected {\\"selector\\":\\"…\\",\\"labels\\":{…}}"}
            {"selector":null,"labels":null,"valid":false,"match":false,"canonical":null,"error":"line 10: there is no \\"selector\\""}
            {"selector":null,"labels":null,"valid":false,"match":false,"canonical":null,"error":"line 11: \\"selector\\" is no string"}
            {"selector":null,"labels":null,"valid":false,"match":false,"canonical":null,"error":"line 12: \\"labels\\" is no object"}
            {"selector":null,"labels":null,"valid":false,"match":false,"canonical":null,"error":"line 13: \\"a\\" is no string"}
            {"selector":null,"labels":null,"valid":false,"match":false,"canonical":null,"error":"line 14: expected one object, found more behind it"}
            {"selector":null,"labels":null,"valid":false,"match":false,"canonical":null,"error":"line 15: not JSON at byte 20: Unexpected end-of-input: expected close marker for Object"}
            {"selector":"has(a)","labels":{"a":""},"valid":true,"match":true,"canonical":"has(a)","error":null}
            {"selector":"all()","labels":{},"valid":true,"match":true,"canonical":"all()","error":null}
            """);
    assertThat(summary).isEqualTo(new SelectorCases.Summary(16, 8, 8));
  }

  /** Lines are cut alike however the stream hands out its bytes. */
  @Test
  void linesMayArriveInPieces() throws IOException {
    long seed = Long.getLong("portolan.seed", System.nanoTime());
    Random random = new Random(seed);
    StringBuilder cases = new StringBuilder();
    List<Integer> lengths = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      int length = random.nextInt(random.nextInt(20) == 0 ? 300_000 : 2000);
      lengths.add(length);
      cases.append("{\"selector\":\"a == '").append("x".repeat(length)).append("'\"}\n");
    }
    InputStream inPieces =
        new InputStream() {
          private final InputStream all = bytes(cases.toString());

          @Override
          public int read() throws IOException {
            return all.read();
          }

          @Override
          public int read(byte[] into, int offset, int length) throws IOException {
            return all.read(into, offset, Math.min(length, 1 + random.nextInt(5000)));
          }
        };
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    SelectorCases.answer(inPieces, out);
    assertThat(
            out.toString(StandardCharsets.UTF_8)
                .lines()
                .map(line -> line.replaceAll("[^x]*'(x*)'.*", "$1").length())
                .toList())
        .as("seed %d", seed)
        .isEqualTo(lengths);
  }

  @Test
  void answersComeBeforeMoreIsRead() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    List<Long> answered = new ArrayList<>();
    InputStream oneAtATime =
        new InputStream() {
          private int line;

          @Override
          public int read() {
            throw new AssertionError("reads one byte");
          }

          @Override
          public int read(byte[] into, int offset, int length) {
            answered.add(out.toString(StandardCharsets.UTF_8).lines().count());
            byte[] bytes = "{\"selector\":\"\"}\n".getBytes(StandardCharsets.UTF_8);
            System.arraycopy(bytes, 0, into, offset, bytes.length);
            return line++ < 3 ? bytes.length : -1;
          }
        };
    SelectorCases.answer(oneAtATime, out);
    assertThat(answered).containsExactly(0L, 1L, 2L, 3L);
  }

  @Test
  void aLineWithoutEndTakesNoMoreMemoryThanItsLimit() throws IOException {
    long size = 3L * CaseLines.MAX_LINE;
    InputStream endless =
        new InputStream() {
          private long given;

          @Override
          public int read() {
            throw new AssertionError("reads one byte");
          }

          @Override
          public int read(byte[] into, int offset, int length) {
            if (given > size) {
              return -1;
            }
            given += length;
            assertThat(into.length).isLessThanOrEqualTo(4 * CaseLines.MAX_LINE);
            java.util.Arrays.fill(into, offset, offset + length, (byte) ' ');
            if (given > size) {
              byte[] end = "\n{\"selector\":\"\"}\n".getBytes(StandardCharsets.UTF_8);
              System.arraycopy(end, 0, into, offset + length - end.length, end.length);
            }
            return length;
          }
        };
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(SelectorCases.answer(endless, out)).isEqualTo(new SelectorCases.Summary(2, 1, 1));
    assertThat(out.toString(StandardCharsets.UTF_8).lines().toList())
        .satisfiesExactly(
            line -> assertThat(line).contains("line 1: longer than 16777216 bytes"),
            line -> assertThat(line).contains("\"valid\":true"));
  }

  @Test
  void aClosedOutputEndsTheRun() {
    OutputStream closed =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("closed");
          }
        };
    assertThat(
            org.assertj.core.api.Assertions.catchThrowable(
                () -> SelectorCases.answer(bytes("{\"selector\":\"\"}\n"), closed)))
        .isInstanceOf(IOException.class);
  }

  private static InputStream bytes(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }
}
