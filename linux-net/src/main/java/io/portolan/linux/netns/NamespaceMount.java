package io.portolan.linux.netns;

import io.portolan.linux.ffi.Errno;
import io.portolan.linux.ffi.SystemCalls;
import io.portolan.linux.netns.NamespaceException.Reason;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Namespaces at paths: an empty file with the namespace bind-mounted on it, as ip-netns(8) keeps
 * them.
 */
final class NamespaceMount {
  private NamespaceMount() {}

  /** Makes the file to mount on, or accepts an empty one that is there. */
  static void reserve(Path path) {
    try {
      Path parent = path.toAbsolutePath().getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      Files.createFile(path);
    } catch (FileAlreadyExistsException e) {
      if (isEmptyFile(path)) {
        return;
      }
      refuseIfForeign(path);
      throw new NamespaceException(
          Reason.EXISTS, "network namespace " + path + " exists already", e);
    } catch (IOException e) {
      throw new NamespaceException(
          Reason.FAILED, "create network namespace " + path + ": " + e.getMessage(), e);
    }
  }

  static void bind(String source, Path path) {
    int result = SystemCalls.linux().mount(source, path.toString(), "none", SystemCalls.MS_BIND);
    if (result < 0) {
      throw NamespaceException.of("mount", path.toString(), -result);
    }
  }

  static boolean delete(Path path) {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    if (!isEmptyFile(path)) {
      refuseIfForeign(path);
    }
    // More than one mount can be stacked on the file; EINVAL says that none is left. A crash
    // between the two effects
    // leaves an empty file, which is removed the next time.
    int result;
    do {
      result = SystemCalls.linux().umount2(path.toString(), SystemCalls.MNT_DETACH);
    } while (result == 0);
    if (result != -Errno.EINVAL && result != -Errno.ENOENT) {
      throw NamespaceException.of("unmount", path.toString(), -result);
    }
    try {
      Files.delete(path);
      return true;
    } catch (NoSuchFileException e) {
      return true;
    } catch (IOException e) {
      throw new NamespaceException(
          Reason.FAILED, "delete network namespace " + path + ": " + e.getMessage(), e);
    }
  }

  /** Throws if what is at the path is no network namespace. */
  private static void refuseIfForeign(Path path) {
    NetworkNamespace.open(path).close();
  }

  /** An empty regular file with nothing mounted on it; a namespace looks like one until asked. */
  private static boolean isEmptyFile(Path path) {
    try {
      return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
          && Files.size(path) == 0
          && !NetworkNamespace.isNamespace(path);
    } catch (IOException e) {
      return false;
    }
  }
}
