package io.portolan.lab.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import io.portolan.policy.cases.AnswerWriter.Packets;
import io.portolan.policy.cases.CaseReader;
import io.portolan.policy.cases.ClusterState;
import io.portolan.policy.cases.MalformedInputException;
import io.portolan.policy.cases.Probe;
import io.portolan.policy.cases.ProbeAnswer;
import io.portolan.policy.cases.ProbeEnds;
import io.portolan.policy.cases.Ruling;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PacketCasesReportTest {
  private static final CaseReader.Step STEP =
      new CaseReader.Step(
          "line 1",
          List.of(Map.entry("id", (JsonNode) TextNode.valueOf("c"))),
          false,
          ClusterState.EMPTY,
          List.of());
  private static final ProbeAnswer ALLOWED =
      new ProbeAnswer(Optional.of(new Ruling(true, Ruling.Exempt.NO_POLICY)), Optional.empty());

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @Test
  void aDifferenceIsNamedAndChangesTheExitCode() throws Exception {
    PacketCasesReport report = report(PacketCasesReport.Format.TEXT);
    compare(report, new Packets.Arrived(true));
    compare(report, new Packets.NotSent("ff02::1 is no address that is routed"));
    assertThat(report.exitCode()).isZero();
    compare(report, new Packets.Arrived(false));
    report.end(0);
    assertThat(report.exitCode()).isEqualTo(1);
    assertThat(text())
        .isEqualTo(
            """
            c: packets do not pass, but a/x -> a/y 80/tcp: allow, decided by egress: no policy
            0 clusters, 2 probes with packets (N/s): 1 allowed, 1 denied, differences: 1
              not tried: 1, ... is no address that is routed
            """);
  }

  @Test
  void aPacketThatCameLateMakesTheRunWorthless() throws Exception {
    PacketCasesReport report = report(PacketCasesReport.Format.TEXT);
    compare(report, new Packets.Arrived(true));
    report.end(1);
    assertThat(report.exitCode()).isEqualTo(2);
  }

  @Test
  void jsonHasALineForEachProbe() throws Exception {
    PacketCasesReport report = report(PacketCasesReport.Format.JSON);
    compare(report, new Packets.Arrived(false));
    compare(report, new Packets.NotSent("x"));
    report.end(0);
    String probe =
        "{\"id\":\"c\",\"from\":\"a/x\",\"to\":\"a/y\",\"protocol\":\"TCP\",\"port\":80,";
    String answer =
        "\"egress\":\"allow\",\"ingress\":\"-\",\"verdict\":\"allow\","
            + "\"decidedBy\":{\"egress\":{\"default\":\"no policy\"},\"ingress\":null},";
    assertThat(text())
        .isEqualTo(
            probe
                + answer
                + "\"packets\":\"deny\",\"agrees\":false}\n"
                + probe
                + answer
                + "\"packets\":\"none\",\"why\":\"x\"}\n");
  }

  private PacketCasesReport report(PacketCasesReport.Format format) throws IOException {
    return new PacketCasesReport(out, format, _ -> {});
  }

  private static void compare(PacketCasesReport report, Packets packets)
      throws IOException, MalformedInputException {
    JsonNode document =
        new ObjectMapper()
            .readTree("{\"from\":\"a/x\",\"to\":\"a/y\",\"protocol\":\"TCP\",\"port\":80}");
    report.compared(
        STEP,
        document,
        Probe.of(document, new ProbeEnds()),
        new PacketCases.Compared(ALLOWED, packets));
  }

  /** How fast it went differs. */
  private String text() {
    return out.toString(StandardCharsets.UTF_8).replaceAll("\\([0-9]+/s\\)", "(N/s)");
  }
}
