"""Jupyter's own test of kernels, jupyter_kernel_test, on the kernel .net-csharp: its messages and what they must hold.

A test of AttentionLab.Kernel.Tests runs this where Python has the module. By hand, after `csharp-kernel install --prefix here`:
JUPYTER_PATH=here/share/jupyter python3 tests/kernel-protocol.py -v
"""
import unittest

import jupyter_kernel_test


class CSharpKernelTests(jupyter_kernel_test.KernelTests):
    kernel_name = ".net-csharp"
    language_name = "C#"
    file_extension = ".cs"
    code_hello_world = 'Console.WriteLine("hello, world");'
    code_stderr = 'Console.Error.WriteLine("oops");'
    completion_samples = [
        {"text": "Console.WriteL", "matches": ["WriteLine"]},
        {"text": "#!abou", "matches": ["#!about"]},
    ]
    complete_code_samples = ["1 + 1", "int a = 1;", "for (int i = 0; i < 3; i++) { }", "#!time\n1", "// text"]
    incomplete_code_samples = ["int F() {", "Console.WriteLine(", 'var s = """']
    invalid_code_samples = ["int = 5;", "#!nonsense"]
    code_generate_error = 'throw new Exception("no");'
    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": '"text"', "result": "text"},
        {"code": 'HTML("<b>x</b>")', "mime": "text/html", "result": "<b>x</b>"},
        {"code": "new[] { new { A = 1 } }", "mime": "text/html"},
    ]
    code_display_data = [
        {"code": 'display(HTML("<b>x</b>"));', "mime": "text/html"},
        {"code": '"*x*".DisplayAs("text/markdown");', "mime": "text/markdown"},
        {"code": "display(1);", "mime": "text/plain"},
    ]
    code_history_pattern = "6 ?*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "Console.WriteLine"
    # Not here: code_page_something (no pager), code_clear_output (no clear_output).


if hasattr(jupyter_kernel_test, "IopubWelcomeTests"):  # since 0.7

    class CSharpWelcomeTests(jupyter_kernel_test.IopubWelcomeTests):
        kernel_name = ".net-csharp"
        support_iopub_welcome = True


if __name__ == "__main__":
    unittest.main()
