using System.Reflection;
using AttentionLab.Kernel.Start;

string kernel = Path.Combine(AppContext.BaseDirectory, "AttentionLab.Kernel.dll");
MethodInfo main = new KernelContext(kernel).LoadFromAssemblyPath(kernel).EntryPoint!;
return (int)main.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [args], null)!;
