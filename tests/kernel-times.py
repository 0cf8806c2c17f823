"""Prints how fast the kernel .net-csharp is, three starts of it: kernel-times.py path/to/AttentionLab.dll

"cpu" is what the kernel's process used meanwhile. tests/jupyter-clients.sh runs this; on a busy machine it says little.
"""
import os
import sys
import time

from jupyter_client.manager import KernelManager


def cpu(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def megabytes(pid):
    return next(int(line.split()[1]) for line in open(f"/proc/{pid}/status") if line.startswith("VmRSS")) // 1024


def measure(library):
    manager = KernelManager(kernel_name=".net-csharp")
    pid = None

    def timed(name, work):
        start, used = time.time(), cpu(pid) if pid else 0
        work()
        print(f"  {name:<24}{time.time() - start:6.2f} s" + (f"   cpu {cpu(pid) - used:5.2f} s" if pid else ""))

    def run(code):
        reply = client.execute_interactive(code, timeout=300, output_hook=lambda message: None)
        assert reply["content"]["status"] == "ok", reply["content"]

    start = time.time()
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=120)
    pid = manager.provisioner.pid
    print(f"  {'start to ready':<24}{time.time() - start:6.2f} s   cpu {cpu(pid):5.2f} s")
    timed("first cell", lambda: run("1 + 1"))
    timed("second cell", lambda: run("2 + 2"))
    timed("first figure", lambda: run(f'#r "{library}"\nusing AttentionLab.Figures;\nnew LineChart(new LineSeries("a", [1, 2, 3], [1, 2, 3]))'))
    timed("second figure", lambda: run('new LineChart(new LineSeries("b", [1, 2, 3], [3, 2, 3]))'))
    timed("completion", lambda: client.complete("Console.Wr", 10, reply=True, timeout=60))
    timed("completion again", lambda: client.complete("Console.Re", 10, reply=True, timeout=60))
    timed("100,000 lines of text", lambda: run("for (int i = 0; i < 100000; i++) Console.WriteLine(i);"))
    print(f"  memory                  {megabytes(pid):4} MB")
    pid = None
    timed("shutdown", manager.shutdown_kernel)
    client.stop_channels()


for start in range(3):
    print(f"Start {start + 1}")
    measure(os.path.abspath(sys.argv[1]))
