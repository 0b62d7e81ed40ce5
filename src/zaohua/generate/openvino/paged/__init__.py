"""Our own way through OpenVINO's paged attention: prompts read in bf16, answers written in f32."""
