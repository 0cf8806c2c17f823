Console.WriteLine("AttentionLab");
