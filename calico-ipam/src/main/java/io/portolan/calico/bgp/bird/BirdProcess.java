package io.portolan.calico.bgp.bird;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A BIRD of this node. It outlives the agent: one that answers at the control socket is ours, and
 * is told of changes. Used by one thread.
 *
 * <p>The file may hold passwords and is readable by its owner only.
 */
public final class BirdProcess {
  private static final Logger LOG = LoggerFactory.getLogger(BirdProcess.class);
  private static final int START_SECONDS = 10;
  private static final int REFUSED = 8000;

  private final Path program;
  private final Path configuration;
  private final Path candidate;
  private final Path socket;
  private final Path log;
  private final BirdControl control;

  /**
   * @param program BIRD 2
   * @param directory for its configuration and socket; made if it is not there
   */
  public BirdProcess(Path program, Path directory) throws IOException {
    this.program = program;
    Files.createDirectories(directory);
    configuration = directory.resolve("bird.conf");
    candidate = directory.resolve("bird.conf.next");
    socket = directory.resolve("bird.ctl");
    log = directory.resolve("bird.log");
    control = new BirdControl(socket);
  }

  /** Whether BIRD runs. */
  public boolean isAlive() {
    try {
      control.ask("show status");
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Has BIRD read a configuration without using it.
   *
   * @return what it does not like; empty if it takes it
   * @throws IOException if the program cannot be run
   */
  public Optional<String> check(String text) throws IOException, InterruptedException {
    write(candidate, text);
    Process checking =
        new ProcessBuilder(program.toString(), "-p", "-c", candidate.toString())
            .redirectErrorStream(true)
            .start();
    checking.getOutputStream().close();
    String output = new String(checking.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return checking.waitFor() == 0 ? Optional.empty() : Optional.of(output.strip());
  }

  /**
   * Starts BIRD with the configuration, or tells the running one of it: sessions that stay the same
   * are not touched.
   *
   * @param recover whether routes that a BIRD before left in the kernel stay until its peers have
   *     sent theirs again
   * @throws IOException if it does not start, or refuses
   */
  public void use(String text, boolean recover) throws IOException, InterruptedException {
    write(candidate, text);
    Files.move(candidate, configuration, StandardCopyOption.ATOMIC_MOVE);
    if (isAlive()) {
      List<BirdControl.Line> answer = control.ask("configure");
      Optional<BirdControl.Line> refusal =
          answer.stream().filter(l -> l.code() >= REFUSED).findFirst();
      if (refusal.isPresent()) {
        throw new IOException("BIRD refuses its configuration: " + refusal.get().text());
      }
      return;
    }
    start(recover);
  }

  private void start(boolean recover) throws IOException, InterruptedException {
    Files.deleteIfExists(socket);
    List<String> command =
        new ArrayList<>(
            List.of(
                program.toString(), "-f", "-c", configuration.toString(), "-s", socket.toString()));
    if (recover) {
      command.add("-R");
    }
    Process started =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .start();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (!isAlive()) {
      if (!started.isAlive() || System.nanoTime() > deadline) {
        throw new IOException("BIRD does not start: " + Files.readString(log).strip());
      }
      Thread.sleep(20);
    }
    LOG.info("BIRD runs{}", recover ? ", recovering" : "");
  }

  /** Its sessions; empty if it does not answer. */
  public List<SessionState> sessions() {
    try {
      return SessionState.read(control.ask("show protocols"));
    } catch (IOException e) {
      return List.of();
    }
  }

  /** Ends BIRD; with its routes, as far as they are not to outlive it. */
  public void stop() {
    try {
      control.ask("down");
    } catch (IOException e) {
      LOG.debug("BIRD does not run");
    }
  }

  private static void write(Path file, String text) throws IOException {
    Files.deleteIfExists(file);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, text);
  }
}
